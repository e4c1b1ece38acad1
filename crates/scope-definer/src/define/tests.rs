#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::Validate;
use contracts::stages::ScopeRequest;
use dataset::ColumnExamination;
use tabular::ColumnType;

use super::*;
use crate::catalogue::{Catalogue, Entry};

fn column(name: &str, levels: &[(&str, u64)]) -> ColumnExamination {
    ColumnExamination {
        name: name.to_owned(),
        column_type: ColumnType::Text,
        missing: 0,
        levels: levels.iter().map(|(level, rows)| ((*level).to_owned(), *rows)).collect(),
        more_levels: false,
    }
}

fn found(examined: Vec<ColumnExamination>) -> TableFindings {
    let columns = ["id", "email", "brand", "opened", "Churn"].map(str::to_owned).to_vec();
    TableFindings {
        format: Some(Format::Csv),
        examination: Examination { rows: 1000, columns, examined },
    }
}

fn churn() -> ColumnExamination {
    column("Churn", &[("No", 700), ("Yes", 300)])
}

fn structured() -> ScopeRequest {
    ScopeRequest {
        data_uri: "/shared/data/telco/train.csv".to_owned(),
        target: "Churn".to_owned(),
        ..Default::default()
    }
}

fn catalogue() -> Catalogue {
    Catalogue {
        entries: vec![Entry {
            name: "hcp_churn".to_owned(),
            aliases: vec!["HCP".to_owned()],
            uri: "/data/hcp.csv".to_owned(),
            target: "Churn".to_owned(),
            population_columns: vec!["brand".to_owned()],
            known_after_event: vec!["opened".to_owned()],
            entity_column: "id".to_owned(),
            ..Entry::default()
        }],
    }
}

#[test]
fn what_is_stated_of_the_file_is_in_the_scope() {
    let stated =
        |delimiter| dataset::CsvDialect { delimiter: Some(delimiter), ..Default::default() };
    let request = ScopeRequest {
        missing_markers: vec!["-".to_owned(), "k.A.".to_owned()],
        data_format: Some(Format::Csv),
        csv: stated(b';'),
        ..structured()
    };
    let scope_of = |request: &ScopeRequest, catalogue: &Catalogue| {
        let task = Task::new(request, catalogue).unwrap();
        let stated = task.stated();
        let (scope, _) =
            define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap();
        scope.validate().unwrap();
        assert_eq!(scope.data.csv, stated.csv);
        (scope.data, stated.format)
    };
    let (data, format) = scope_of(&request, &Catalogue::default());
    assert_eq!((data.csv, format), (stated(b';'), Some(Format::Csv)));
    assert_eq!(data.missing_markers, ["-", "k.A."]);
    // A text's entry says it where the request does not, and markers of both count.
    let mut catalogue = catalogue();
    catalogue.entries[0].csv.delimiter = "tab".to_owned();
    catalogue.entries[0].missing_markers = vec!["-".to_owned(), "?!".to_owned()];
    let text = ScopeRequest { text: "HCP churn".to_owned(), ..ScopeRequest::default() };
    let (data, format) = scope_of(&text, &catalogue);
    assert_eq!((data.csv, format), (stated(b'\t'), None));
    let text = ScopeRequest {
        text: "HCP churn".to_owned(),
        data_uri: String::new(),
        target: String::new(),
        ..request
    };
    let (data, _) = scope_of(&text, &catalogue);
    assert_eq!(data.csv, stated(b';'));
    assert_eq!(data.missing_markers, ["-", "?!", "k.A."]);
}

#[test]
fn a_structured_request_becomes_a_scope() {
    let (request, catalogue) = (structured(), Catalogue::default());
    let task = Task::new(&request, &catalogue).unwrap();
    let (scope, warnings) =
        define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap();
    scope.validate().unwrap();
    assert_eq!(
        (scope.name.as_str(), scope.experiment_id.as_str()),
        ("telco-churn", "telco-churn.run1")
    );
    assert_eq!(scope.classes, ["No", "Yes"]);
    assert_eq!(scope.positive_class, "Yes");
    assert_eq!((scope.min_rows, scope.metric.as_str(), scope.min_lift), (500, "roc_auc", 0.10));
    assert_eq!(scope.split_method, Some(SplitMethod::Stratified));
    assert_eq!(scope.excluded_columns[0].column, "email");
    assert_eq!(scope.required_columns, ["Churn"]);
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["personal_data_left_out"]);
}

#[test]
fn a_text_becomes_a_scope_with_its_population() {
    let request = ScopeRequest {
        text: "Train churn prediction model for Kisqali HCPs".to_owned(),
        ..Default::default()
    };
    let catalogue = catalogue();
    let task = Task::new(&request, &catalogue).unwrap();
    assert_eq!(task.population_columns(), ["brand"]);
    let brands = column("brand", &[("Kisqali", 400), ("Verzenio", 600)]);
    let (scope, _) =
        define(&task, &found(vec![churn(), brands]), "run1", &Defaults::default()).unwrap();
    scope.validate().unwrap();
    assert_eq!(scope.inclusion[0].values, ["Kisqali"]);
    assert_eq!(scope.inclusion[0].operator, Operator::Equal);
    assert_eq!(scope.name, "hcp-churn-kisqali");
    assert_eq!(scope.catalogue_entry, "hcp_churn");
    assert_eq!(scope.required_columns, ["Churn", "brand", "id"]);
    let reasons: Vec<_> =
        scope.excluded_columns.iter().map(|column| column.reason.as_str()).collect();
    assert_eq!(reasons, ["personal data", "known after the event"]);
}

#[test]
fn columns_that_are_not_there_are_refused_with_the_nearest() {
    let request = ScopeRequest { exclude_columns: vec!["e_mail".to_owned()], ..structured() };
    let catalogue = Catalogue::default();
    let task = Task::new(&request, &catalogue).unwrap();
    let refusal = define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap_err();
    assert_eq!((refusal.code, refusal.suggestions), ("column_missing", vec!["email".to_owned()]));
}

#[test]
fn the_baseline_gates_where_nothing_else_does() {
    let catalogue = Catalogue::default();
    let of = |request: &ScopeRequest| {
        let task = Task::new(request, &catalogue).unwrap();
        let (scope, _) =
            define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap();
        let gates = scope.criteria.iter().filter(|criterion| criterion.gate);
        (scope.gate_on_baseline, gates.map(|criterion| criterion.threshold).collect::<Vec<_>>())
    };
    assert_eq!(of(&structured()), (true, vec![]));
    assert_eq!(of(&ScopeRequest { strict_criteria: true, ..structured() }), (false, vec![0.75]));
    let criterion = |gate| vec![Criterion { metric: "roc_auc".to_owned(), threshold: 0.6, gate }];
    assert_eq!(of(&ScopeRequest { criteria: criterion(true), ..structured() }), (false, vec![0.6]));
    assert_eq!(of(&ScopeRequest { criteria: criterion(false), ..structured() }), (true, vec![]));
}

#[test]
fn what_the_request_says_of_rows_and_columns_is_in_the_scope() {
    let request = ScopeRequest {
        drop_duplicates: true,
        allow_leakage: vec!["opened".to_owned()],
        min_quality_score: Some(0.6),
        ..structured()
    };
    let catalogue = Catalogue::default();
    let task = Task::new(&request, &catalogue).unwrap();
    let (scope, _) = define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap();
    assert!(scope.drop_duplicates);
    assert_eq!(
        (scope.allow_leakage, scope.min_quality_score),
        (vec!["opened".to_owned()], Some(0.6))
    );
    let request = ScopeRequest { allow_leakage: vec!["opend".to_owned()], ..structured() };
    let task = Task::new(&request, &catalogue).unwrap();
    let refusal = define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap_err();
    assert_eq!((refusal.code, refusal.suggestions), ("column_missing", vec!["opened".to_owned()]));
}

#[test]
fn a_split_without_its_column_is_refused() {
    let request = ScopeRequest {
        text: "HCP churn".to_owned(),
        split_method: SplitMethod::Time.into(),
        ..Default::default()
    };
    let catalogue = catalogue();
    let task = Task::new(&request, &catalogue).unwrap();
    let refusal = define(&task, &found(vec![churn()]), "run1", &Defaults::default()).unwrap_err();
    assert_eq!((refusal.code, refusal.subject.as_str()), ("column_missing", "time_column"));
}

#[test]
fn a_named_time_leaves_the_split_open() {
    let catalogue = catalogue();
    let split = |method: Option<SplitMethod>, time_column: &str| {
        let request = ScopeRequest {
            split_method: method,
            time_column: time_column.to_owned(),
            ..structured()
        };
        let task = Task::new(&request, &catalogue).unwrap();
        let found = found(vec![churn()]);
        define(&task, &found, "run1", &Defaults::default()).unwrap().0.split_method
    };
    assert_eq!(split(None, ""), Some(SplitMethod::Stratified));
    assert_eq!(split(None, "opened"), None);
    assert_eq!(split(Some(SplitMethod::Random), "opened"), Some(SplitMethod::Random));
}

#[test]
fn names_are_made_of_what_is_known() {
    for (uri, expected) in [
        ("/shared/data/adult/train.csv", "adult"),
        ("s3://bucket/in/Houses 2024.parquet", "houses-2024"),
        ("train.csv", "train"),
        ("/data/x.y.csv", "x-y"),
    ] {
        assert_eq!(slug(&file_subject(uri)), expected);
    }
    assert_eq!(slug("--Ä b--c!"), "b-c");
    assert_eq!(slug(&"ab".repeat(60)).len(), MAX_NAME);
}
