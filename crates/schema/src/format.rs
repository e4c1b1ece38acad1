//! The formats of tables, and all that is known of each before a file of it is opened.

macro_rules! formats {
    ($(
        $(#[$doc:meta])*
        $format:ident {
            title: $title:literal,
            names: [$name:literal $(, $alias:literal)*],
            endings: [$($ending:literal),*],
            magic: $magic:expr,
            knows_text: $knows_text:literal,
        }
    )*) => {
        /// Format of a table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {$(
            $(#[$doc])*
            $format,
        )*}

        impl Format {
            /// All formats, in the order of their declaration.
            pub const ALL: [Self; [$($title),*].len()] = [$(Self::$format),*];

            /// Its name for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$format => $title,)*
                }
            }

            /// Its usual name in a catalogue.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$format => $name,)*
                }
            }

            /// The format of a name in a catalogue, in any case.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                match name.to_lowercase().as_str() {
                    $($name $(| $alias)* => Some(Self::$format),)*
                    _ => None,
                }
            }

            /// The endings of its files, without the dot.
            #[must_use]
            pub const fn endings(self) -> &'static [&'static str] {
                match self {
                    $(Self::$format => &[$($ending),*],)*
                }
            }

            /// The first bytes of every file of it, where they prove it; at most 8.
            #[must_use]
            pub const fn magic(self) -> Option<&'static [u8]> {
                match self {
                    $(Self::$format => $magic,)*
                }
            }

            /// Whether a file keeps text apart from numbers, such as codes that are written in digits.
            #[must_use]
            pub const fn knows_text(self) -> bool {
                match self {
                    $(Self::$format => $knows_text,)*
                }
            }
        }
    };
}

formats! {
    /// Values separated by a delimiter, with a header line.
    Csv {
        title: "CSV",
        names: ["csv"],
        endings: ["csv", "tsv", "tab"],
        magic: None,
        knows_text: false,
    }
    /// Apache Parquet.
    Parquet {
        title: "Parquet",
        names: ["parquet"],
        endings: ["parquet", "pq", "parq"],
        magic: Some(b"PAR1"),
        knows_text: true,
    }
    /// One JSON object per line, or one array of objects.
    JsonLines {
        title: "JSON Lines",
        names: ["jsonl", "json_lines", "ndjson", "json"],
        endings: ["jsonl", "ndjson", "jsonlines", "json"],
        magic: None,
        knows_text: true,
    }
    /// Arrow IPC: the file format, which is also Feather 2, or the streaming format.
    ArrowIpc {
        title: "Arrow IPC",
        names: ["arrow", "arrow_ipc", "feather", "ipc"],
        endings: ["arrow", "arrows", "feather", "ipc"],
        magic: Some(b"ARROW1"),
        knows_text: true,
    }
}

impl Format {
    /// The format said by a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.endings().contains(&ending.as_str()))
    }

    /// The formats, and the endings of their files, for a message that says which are read.
    #[must_use]
    pub fn known() -> String {
        let endings = Self::ALL.iter().flat_map(|format| format.endings());
        let endings: Vec<String> = endings.map(|ending| format!(".{ending}")).collect();
        format!("{}, by the endings {}", Self::ALL.map(Self::title).join(", "), endings.join(", "))
    }
}
