//! The churn process: how a row is drawn, and how likely it churns.
//!
//! A row is a health-care professional (HCP) who prescribes one brand, seen on [`SNAPSHOT`]; `churned` says whether the
//! HCP stops prescribing it within the next six months. Nothing in it is about a real person: the brands are names of
//! products, the assignments are random, and the ten-digit `npi` starts with 9, which no National Provider Identifier does.
//!
//! With σ the logistic function, `P(churned = Yes) = σ(1.2 · (η − 0.4))` where η is the sum of
//!
//! | term | what it says |
//! |---|---|
//! | `−1.9 · tanh(1.4 · s)`, `s = ln((1 + trx_1m + trx_2m + trx_3m) / (1 + trx_4m + trx_5m + trx_6m))` | falling volume; saturates both ways |
//! | `1.3 · exp(−months_prescribing / 8)` | those who began lately leave more easily |
//! | `−1.2 · (1 − exp(−calls_3m / 2))` | calls help, with diminishing return |
//! | `0.55 · ln(1 + months_since_last_call)` where `calls_3m = 0` | neglect counts only where there is no call |
//! | `−1.6 · share / (share + 0.25)` | loyal prescribers stay |
//! | `1.8 · commercial_share` where formulary is `Not covered`, `0.7 ·` where `Non-preferred` | payer and formulary interact |
//! | `0.9` where `emails_3m > 12` and fewer than 20 % were opened | too many unread messages |
//! | `−0.8 · (1 − exp(−samples_3m / 4))` where practice is not `Academic` | samples do not matter in academic centres |
//! | `0.5 · cos(2π (month − 1) / 12)`, month of `last_visit_date` | the insurance year resets in January |
//! | brand, specialty and region effects ([`BRANDS`], [`SPECIALTIES`], [`REGIONS`]) | levels differ |
//! | `0.6` where brand is `Kisqali` and specialty is `Gynecologic Oncology` | an interaction of two categories |
//!
//! The label is a Bernoulli draw, which is the same as logistic noise on η. Values go missing afterwards: completely at
//! random in `years_in_practice` (4 %), `emails_3m` and `emails_opened_3m` (3 %, together) and `last_visit_date` (2 %); dependent on
//! other columns in `months_since_last_call` (15 % where `calls_3m = 0`, else 1 %), `samples_3m` (22 % in the
//! `Northeast`, else 2 %) and `share` (12 % where the six months' volume is below 12, else 1 %).
//!
//! How all this changes with `--drift` is stated by [`drift`](crate::drift).

use jiff::{ToSpan, civil::Date};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp, LogNormal, Normal, Poisson};

use crate::Error;
use crate::drift::{self, Coefficients, Drift, MissingRates};

/// The day on which every row was observed.
pub const SNAPSHOT: Date = jiff::civil::date(2025, 9, 30);

/// Text levels with their share of rows and their effect on η.
pub type Levels = &'static [(&'static str, f64, f64)];

/// Brands, each with its share of the rows and its effect on η.
pub const BRANDS: Levels = &[
    ("Ibrance", 0.29, 0.15),
    ("Kisqali", 0.28, -0.10),
    ("Verzenio", 0.21, 0.00),
    ("Faslodex", 0.13, 0.35),
    ("Piqray", 0.09, 0.55),
];
/// Specialties, each with its share of the rows and its effect on η.
pub const SPECIALTIES: Levels = &[
    ("Medical Oncology", 0.38, -0.20),
    ("Hematology/Oncology", 0.27, 0.00),
    ("Gynecologic Oncology", 0.13, 0.20),
    ("Surgical Oncology", 0.08, 0.40),
    ("Internal Medicine", 0.08, 0.60),
    ("Nurse Practitioner", 0.06, 0.10),
];
/// Regions, each with its share of the rows and its effect on η.
pub const REGIONS: Levels = &[
    ("South", 0.33, 0.10),
    ("Midwest", 0.22, 0.00),
    ("West", 0.21, -0.10),
    ("Northeast", 0.16, 0.15),
    ("Mid-Atlantic", 0.08, 0.00),
];
/// Practice types, each with its share of the rows and its effect on η.
pub const PRACTICES: Levels = &[
    ("Community", 0.44, 0.0),
    ("Hospital", 0.24, 0.0),
    ("Academic", 0.19, 0.0),
    ("Private group", 0.13, 0.0),
];
/// Where the brand stands on the formulary of most of the HCP's patients.
pub const FORMULARY: Levels =
    &[("Preferred", 0.46, 0.0), ("Non-preferred", 0.36, 0.0), ("Not covered", 0.18, 0.0)];

/// A row, with what may be missing as an option.
#[derive(Debug, Clone, PartialEq)]
pub struct Hcp {
    /// Id of the HCP, such as `HCP0000001`.
    pub hcp_id: String,
    /// Ten digits that belong to no person.
    pub npi: String,
    /// Brand that the HCP prescribes, one of [`BRANDS`].
    pub brand: &'static str,
    /// Medical specialty of the HCP, one of [`SPECIALTIES`].
    pub specialty: &'static str,
    /// Name of the sales region.
    pub region: &'static str,
    /// Type of the HCP's practice, one of [`PRACTICES`].
    pub practice_type: &'static str,
    /// Years since the HCP began to practise.
    pub years_in_practice: Option<u32>,
    /// Months since the first prescription of the brand.
    pub months_prescribing: u32,
    /// Months since the last call, from 0.
    pub months_since_last_call: Option<f64>,
    /// Calls in the last three months.
    pub calls_3m: u32,
    /// Messages sent in the last three months.
    pub emails_3m: Option<u32>,
    /// Messages opened of those.
    pub emails_opened_3m: Option<u32>,
    /// Samples left in the last three months.
    pub samples_3m: Option<u32>,
    /// Prescriptions in each of the last six months, the latest first.
    pub trx: [u32; 6],
    /// The brand's share of the HCP's prescriptions in its class.
    pub share: Option<f64>,
    /// Share of patients with commercial insurance.
    pub commercial_share: f64,
    /// Share of patients with Medicare.
    pub medicare_share: f64,
    /// The brand's place on the formulary.
    pub formulary_status: &'static str,
    /// The last visit by a representative.
    pub last_visit_date: Option<Date>,
    /// Whether the HCP stops prescribing the brand.
    pub churned: bool,
}

/// A row and the probability that its label was drawn with.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledRow {
    /// Row with its label.
    pub hcp: Hcp,
    /// The true probability of `churned`.
    pub probability: f64,
    /// What that probability would be without any drift: how the best model of before would rank the row.
    pub before: f64,
}

/// Draws rows one by one; row `i` depends on the seed and `i` alone, so a longer table begins with the shorter one.
pub struct Process {
    seed: u64,
    drift: Drift,
    coefficients: Coefficients,
    losses: MissingRates,
    tenure: Exp<f64>,
    volume: LogNormal<f64>,
    trend: Normal<f64>,
}

impl Process {
    /// A process with this seed, changed by a drift.
    pub fn new(seed: u64, drift: Drift) -> Result<Self, Error> {
        Ok(Self {
            seed,
            drift,
            coefficients: drift.coefficients(),
            losses: drift.losses(),
            tenure: Exp::new(1.0 / drift.tenure(22.0))?,
            volume: LogNormal::new(drift.log_volume(1.45), 0.65)?,
            trend: Normal::new(-0.02, 0.17)?,
        })
    }

    /// Draws row `index`, from 0; it depends on the seed, the drift and the index alone.
    pub fn draw(&self, index: u64) -> Result<SampledRow, Error> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(index);
        let complete = self.draw_complete(index, &mut rng)?;
        let drawn = probability(&complete, &self.coefficients);
        let before = probability(&complete, &drift::BEFORE);
        let churned = rng.random::<f64>() < drawn;
        let mut hcp = lose_values(complete, churned, &self.losses, &mut rng);
        // The last draw of a row, so that it changes nothing else of it.
        hcp.churned ^= rng.random::<f64>() < self.drift.labels;
        Ok(SampledRow { hcp, probability: self.drift.labelled(drawn), before })
    }

    fn draw_complete(&self, index: u64, rng: &mut ChaCha8Rng) -> Result<CompleteRow, Error> {
        let as_stated = |_, share| share;
        let brand = pick(BRANDS, |index, share| self.drift.brand_shares(index, share), rng);
        let specialty = pick(SPECIALTIES, as_stated, rng);
        let region = pick(REGIONS, |index, share| self.drift.region_shares(index, share), rng);
        let practice_type = pick(PRACTICES, as_stated, rng);
        let volume = self.volume.sample(rng);
        let trend = self.trend.sample(rng);
        let mut trx = [0_u32; 6];
        for (ago, value) in trx.iter_mut().enumerate() {
            // `trend` is the change per month, so that months long ago were lower where it is positive.
            let expected = volume * (-trend * (ago as f64 - 2.5)).exp();
            *value = count(Poisson::new(expected.clamp(0.02, 200.0))?.sample(rng), 400);
        }
        let own: u32 = trx.iter().sum();
        let others = Poisson::new(6.0 + volume * 6.0 * rng.random_range(0.2..3.0))?.sample(rng);
        let share = round(f64::from(own) / (f64::from(own) + others).max(1.0), 4);
        // The field force goes to volume; email goes to everybody.
        let expected_calls = self.drift.calls((0.5 + volume / 4.0).min(6.0));
        let calls_3m = count(Poisson::new(expected_calls)?.sample(rng), 20);
        let since =
            if calls_3m > 0 { rng.random_range(0.0..3.0) } else { rng.random_range(3.0..20.0) };
        let emails_3m = count(Poisson::new(rng.random_range(2.0..18.0))?.sample(rng), 60);
        let open_rate: f64 = rng.random_range(0.02..0.6);
        let emails_opened_3m =
            (0..emails_3m).filter(|_| rng.random::<f64>() < open_rate).count() as u32;
        let samples_3m = count(Poisson::new(f64::from(calls_3m) * 1.6 + 0.2)?.sample(rng), 60);
        let commercial_share = round(rng.random_range(0.1..0.75), 3);
        let medicare_share = round((1.0 - commercial_share) * rng.random_range(0.45..0.95), 3);
        let visit = SNAPSHOT
            .checked_sub(((since * 30.4) as i64 + rng.random_range(0..12)).days())
            .map_err(|source| Error::Date { source })?;
        Ok(CompleteRow {
            hcp_id: format!("HCP{:07}", index + 1),
            npi: format!("9{:09}", rng.random_range(0..1_000_000_000_u32)),
            brand,
            specialty,
            region,
            practice_type,
            years_in_practice: rng.random_range(2..38),
            months_prescribing: 1 + count(self.tenure.sample(rng), 118),
            months_since_last_call: round(since, 1),
            calls_3m,
            emails_3m,
            emails_opened_3m,
            samples_3m,
            trx,
            share,
            commercial_share,
            medicare_share,
            formulary_status: pick(FORMULARY, as_stated, rng).0,
            last_visit_date: visit,
        })
    }
}

/// A row before values go missing.
struct CompleteRow {
    hcp_id: String,
    npi: String,
    brand: (&'static str, f64),
    specialty: (&'static str, f64),
    region: (&'static str, f64),
    practice_type: (&'static str, f64),
    years_in_practice: u32,
    months_prescribing: u32,
    months_since_last_call: f64,
    calls_3m: u32,
    emails_3m: u32,
    emails_opened_3m: u32,
    samples_3m: u32,
    trx: [u32; 6],
    share: f64,
    commercial_share: f64,
    medicare_share: f64,
    formulary_status: &'static str,
    last_visit_date: Date,
}

/// The probability of `churned`; the formula of the module's documentation, with these coefficients.
fn probability(hcp: &CompleteRow, of: &Coefficients) -> f64 {
    let [m1, m2, m3, m4, m5, m6] = hcp.trx.map(f64::from);
    let slope = ((1.0 + m1 + m2 + m3) / (1.0 + m4 + m5 + m6)).ln();
    let mut eta = of.slope * (1.4 * slope).tanh();
    eta += of.tenure * (-f64::from(hcp.months_prescribing) / 8.0).exp();
    eta += of.calls * (1.0 - (-f64::from(hcp.calls_3m) / 2.0).exp());
    if hcp.calls_3m == 0 {
        eta += of.neglect * hcp.months_since_last_call.ln_1p();
    }
    eta += of.share * hcp.share / (hcp.share + 0.25);
    eta += hcp.commercial_share
        * match hcp.formulary_status {
            "Not covered" => of.not_covered,
            "Non-preferred" => of.non_preferred,
            _ => 0.0,
        };
    if hcp.emails_3m > 12 && f64::from(hcp.emails_opened_3m) < 0.2 * f64::from(hcp.emails_3m) {
        eta += 0.9;
    }
    if hcp.practice_type.0 != "Academic" {
        eta -= 0.8 * (1.0 - (-f64::from(hcp.samples_3m) / 4.0).exp());
    }
    let month = f64::from(hcp.last_visit_date.month());
    eta += 0.5 * (std::f64::consts::TAU * (month - 1.0) / 12.0).cos();
    eta += hcp.brand.1 + hcp.specialty.1 + hcp.region.1;
    if hcp.brand.0 == "Kisqali" && hcp.specialty.0 == "Gynecologic Oncology" {
        eta += 0.6;
    }
    1.0 / (1.0 + (-1.2 * (eta + of.intercept)).exp())
}

/// Makes values missing, as the module's documentation says.
fn lose_values(hcp: CompleteRow, churned: bool, rates: &MissingRates, rng: &mut ChaCha8Rng) -> Hcp {
    let mut lost = |share: f64| rng.random::<f64>() < share;
    let of = |(there, elsewhere): (f64, f64), is_there: bool| {
        if is_there { there } else { elsewhere }
    };
    let years = !lost(rates.years);
    let emails = !lost(rates.emails);
    let visit = !lost(rates.visit);
    let since = !lost(of(rates.since, hcp.calls_3m == 0));
    let samples = !lost(of(rates.samples, hcp.region.0 == "Northeast"));
    let share = !lost(of(rates.share, hcp.trx.iter().sum::<u32>() < 12));
    Hcp {
        hcp_id: hcp.hcp_id,
        npi: hcp.npi,
        brand: hcp.brand.0,
        specialty: hcp.specialty.0,
        region: hcp.region.0,
        practice_type: hcp.practice_type.0,
        years_in_practice: years.then_some(hcp.years_in_practice),
        months_prescribing: hcp.months_prescribing,
        months_since_last_call: since.then_some(hcp.months_since_last_call),
        calls_3m: hcp.calls_3m,
        emails_3m: emails.then_some(hcp.emails_3m),
        emails_opened_3m: emails.then_some(hcp.emails_opened_3m),
        samples_3m: samples.then_some(hcp.samples_3m),
        trx: hcp.trx,
        share: share.then_some(hcp.share),
        commercial_share: hcp.commercial_share,
        medicare_share: hcp.medicare_share,
        formulary_status: hcp.formulary_status,
        last_visit_date: visit.then_some(hcp.last_visit_date),
        churned,
    }
}

/// Picks a level by its share, as `share_of` gives it of the level's index and stated share; returns it with its effect.
fn pick(
    levels: Levels,
    share_of: impl Fn(usize, f64) -> f64,
    rng: &mut ChaCha8Rng,
) -> (&'static str, f64) {
    let mut left = rng.random::<f64>();
    for (index, (name, stated, effect)) in levels.iter().enumerate() {
        let share = share_of(index, *stated);
        if left < share {
            return (name, *effect);
        }
        left -= share;
    }
    // The shares add up to 1 but for rounding.
    levels.last().map_or(("", 0.0), |(name, _, effect)| (*name, *effect))
}

/// A non-negative draw as a whole number, capped.
fn count(value: f64, most: u32) -> u32 {
    (value.max(0.0) as u32).min(most)
}

/// Rounds to as many digits as the file shows, so that the label comes from the values that a reader has.
fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
