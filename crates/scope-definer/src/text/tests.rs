#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;

fn entry(name: &str, aliases: &[&str], columns: &[&str]) -> Entry {
    Entry {
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        uri: format!("/data/{name}.csv"),
        target: "churned".to_owned(),
        population_columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        horizon: "in the next 90 days".to_owned(),
        ..Entry::default()
    }
}

fn catalogue() -> Catalogue {
    Catalogue {
        entries: vec![
            entry("hcp_churn", &["HCP", "health-care professionals"], &["brand", "region"]),
            entry("telco_churn", &["telco", "phone customers"], &[]),
            Entry { target: "price".to_owned(), ..entry("house_prices", &["houses"], &[]) },
        ],
    }
}

fn levels() -> Vec<(String, Vec<String>)> {
    let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    vec![
        ("brand".to_owned(), texts(&["Kisqali", "Verzenio", "Ibrance"])),
        ("region".to_owned(), texts(&["New York", "York", "North"])),
    ]
}

#[test]
fn the_request_of_the_readme_is_understood() {
    let catalogue = catalogue();
    let understood =
        understand("Train churn prediction model for Kisqali HCPs", &catalogue).unwrap();
    assert_eq!(understood.entry.name, "hcp_churn");
    assert_eq!(understood.unexplained, ["kisqali"]);
    let population = population(&understood, &levels()).unwrap();
    assert_eq!(
        population,
        [Population { column: "brand".to_owned(), values: vec!["Kisqali".to_owned()] }]
    );
}

#[test]
fn several_values_and_columns_are_told_apart() {
    let catalogue = catalogue();
    let text =
        "Predict whether Kisqali and Verzenio HCPs in New York will churn in the next 90 days";
    let understood = understand(text, &catalogue).unwrap();
    assert_eq!(understood.hint, Some(Hint::Classes));
    let population = population(&understood, &levels()).unwrap();
    assert_eq!(population[0].values, ["Kisqali", "Verzenio"]);
    assert_eq!(population[1].values, ["New York"]);
}

#[test]
fn what_is_not_named_is_refused_with_the_nearest() {
    let catalogue = catalogue();
    let refusal = understand("train a churn model", &catalogue).unwrap_err();
    assert_eq!(refusal.code, "unknown_data_set");
    assert_eq!(refusal.suggestions, ["hcp_churn", "telco_churn"]);
    let refusal = understand("predict telko churn", &catalogue).unwrap_err();
    assert_eq!(refusal.suggestions[0], "telco_churn");
    assert!(refusal.message.contains("telco_churn"), "{}", refusal.message);
    let refusal = understand("model for bananas", &Catalogue::default()).unwrap_err();
    assert!(refusal.message.contains("empty"), "{}", refusal.message);
}

#[test]
fn what_names_two_is_refused() {
    let catalogue = catalogue();
    let refusal = understand("model for HCP and telco", &catalogue).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.suggestions),
        ("ambiguous_request", vec!["hcp_churn".to_owned(), "telco_churn".to_owned()])
    );
}

#[test]
fn a_word_that_nothing_explains_is_refused() {
    let catalogue = catalogue();
    let understood = understand("churn model for Kisqaly HCPs in North", &catalogue).unwrap();
    let refusal = population(&understood, &levels()).unwrap_err();
    assert_eq!(refusal.code, "ambiguous_request");
    assert!(
        refusal.message.contains("`hcp_churn`") && refusal.message.contains("`kisqaly`"),
        "{}",
        refusal.message
    );
    assert!(
        !refusal.message.contains("Verzenio"),
        "values of rows are not told: {}",
        refusal.message
    );
    let understood = understand("telco churn for Kisqali", &catalogue).unwrap();
    assert!(population(&understood, &[]).unwrap_err().message.contains("no population columns"));
}

#[test]
fn a_word_of_two_columns_is_refused() {
    let catalogue = catalogue();
    let understood = understand("HCP churn in North", &catalogue).unwrap();
    let mut levels = levels();
    levels[0].1.push("North".to_owned());
    assert_eq!(population(&understood, &levels).unwrap_err().code, "ambiguous_request");
}
