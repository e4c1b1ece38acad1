//! Dates and times of bounds, and texts that are compared with them.

/// A date, with a time of day or without: `2024-05-01`, `2024-05-01 10:30`, `2024-05-01T10:30:00`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    date: String,
    /// Hours, minutes and seconds.
    time: Option<String>,
}

impl Moment {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = text.split_at_checked(10)?;
        let mut parts = date.split('-');
        let mut part = |digits: usize, range: std::ops::RangeInclusive<u32>| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.parse().ok().filter(|number| range.contains(number))
        };
        part(4, 1..=9999)?;
        part(2, 1..=12)?;
        part(2, 1..=31)?;
        let time = match rest.strip_prefix(['T', ' ']) {
            None => rest.is_empty().then_some(None),
            Some(time) => {
                let mut parts = time.splitn(3, ':');
                let mut part = |limit: u32, default: Option<u32>| match parts.next() {
                    None => default,
                    Some(part) if part.len() == 2 => part.parse().ok().filter(|it| *it < limit),
                    Some(_) => None,
                };
                let (hour, minute) = (part(24, None)?, part(60, None)?);
                Some(Some(format!("{hour:02}:{minute:02}:{:02}", part(60, Some(0))?)))
            }
        };
        Some(Self { date: date.to_owned(), time: time? })
    }

    /// Whether there is a time of day.
    pub(crate) fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// Midnight where there is no time of day.
    pub(crate) fn with_time(&self) -> Self {
        let time = self.time.clone().unwrap_or_else(|| "00:00:00".to_owned());
        Self { date: self.date.clone(), time: Some(time) }
    }

    /// The day alone.
    pub(crate) fn day(&self) -> Self {
        Self { date: self.date.clone(), time: None }
    }

    /// As ISO 8601.
    pub(crate) fn text(&self) -> String {
        match &self.time {
            Some(time) => format!("{}T{time}", self.date),
            None => self.date.clone(),
        }
    }
}
