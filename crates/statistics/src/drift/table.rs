//! The table of the statistics: a row for each, from which settings, reports, verdicts and columns of the command line follow.
//!
//! ```text
//! table! ─┬─▶ settings.rs  limits of each statistic that judges
//!         ├─▶ report.rs    its name, and its value in a report
//!         └─▶ measures.rs  its value and its effect, from two sides
//! ```
//!
//! A new statistic of distributions is a row here, and a function in `measures.rs`.

/// Calls a macro with all rows, in the order in which a report has them.
///
/// A row is `FIELD: TYPE, "what it is"`, for what is reported alone; after `=>` stand the variant of `Statistic`, the
/// heading of its column in `tier0 drift` (none without a column), its limits unless set otherwise (none decides
/// nothing), and its function.
macro_rules! table {
    ($generate:ident) => {
        $generate! {
            psi: f64, "Population stability index." => Psi {
                heading: Some("psi"),
                limits: Some(Limits { warning: 0.1, critical: 0.25 }),
                measure: measures::psi,
            };
            jensen_shannon: f64, "Jensen-Shannon distance, from 0 to √ln 2." => JensenShannon {
                heading: Some("jensen-shannon"),
                limits: Some(Limits { warning: 0.1, critical: 0.2 }),
                measure: measures::jensen_shannon,
            };
            kolmogorov_smirnov: f64, "The statistic of Kolmogorov and Smirnov, from 0 to 1; of numbers alone."
            => KolmogorovSmirnov {
                heading: Some("ks"),
                limits: Some(Limits { warning: 0.1, critical: 0.2 }),
                measure: measures::kolmogorov_smirnov,
            };
            kolmogorov_smirnov_p_value: f64, "P-value of the statistic of Kolmogorov and Smirnov.";
            wasserstein: f64, "Wasserstein distance in the unit of the column, judged in standard deviations of the reference; of numbers alone."
            => Wasserstein {
                heading: None,
                limits: None,
                measure: measures::wasserstein,
            };
            wasserstein_normed: f64, "Wasserstein distance in standard deviations of the reference.";
            chi_square: f64, "The statistic of the chi-square test over bins or categories.";
            chi_square_degrees: usize, "Degrees of freedom of the chi-square test.";
            chi_square_p_value: f64, "P-value of the chi-square test.";
            cramers_v: f64, "Cramér's V, from 0 to 1." => CramersV {
                heading: None,
                limits: None,
                measure: measures::cramers_v,
            };
            missing_reference: f64, "Share of the reference's rows without a usable value.";
            missing_current: f64, "Share of the current rows without a usable value.";
            missing_p_value: f64, "P-value of the difference of these shares.";
            unseen: f64, "Share of current rows with a category that the reference does not have.";
            out_of_range: f64, "Share of current values outside of the reference's range.";
            mean_reference: f64, "Mean of the reference's values.";
            mean_current: f64, "Mean of the current values.";
            deviation_reference: f64, "Standard deviation of the reference's values, as of a population.";
            deviation_current: f64, "Standard deviation of the current values, as of a population.";
        }
    };
}

pub(crate) use table;
