//! A request, made from arguments or taken from a file.

use bytes::Bytes;
use contracts::encoding::{self, Encoding};
use contracts::learning::QUANTILE_LOSS;
use contracts::stages::{CleaningRules, ColumnRules, ValueRules};
use contracts::{Lane, MAX_PAYLOAD, v1};

use crate::Error;
use crate::cli::{ChecksArgs, LearningArgs, RequestArgs, Strategy};

/// Largest suite that stands in a request, in bytes; of a larger one, the place does.
const INLINE_SUITE: usize = 128 * 1024;

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Media type of the payload: `application/json` or `application/x-protobuf`.
    pub content_type: &'static str,
    /// Body of the message, as it was published.
    pub payload: Bytes,
}

/// The message that the arguments ask for.
pub fn message(arguments: &RequestArgs) -> Result<Message, Error> {
    let message = match &arguments.request_file {
        Some(path) => {
            let file = |source| Error::File { what: "read", path: path.clone(), source };
            let bytes = std::fs::metadata(path).map_err(file)?.len();
            bounded(bytes)?;
            let payload = std::fs::read(path).map_err(file)?;
            Message {
                content_type: Encoding::detect(None, &payload)?.content_type(),
                payload: payload.into(),
            }
        }
        None => {
            let payload = encoding::encode(&build(arguments)?);
            Message { content_type: Encoding::Protobuf.content_type(), payload }
        }
    };
    bounded(message.payload.len() as u64)?;
    Ok(message)
}

fn bounded(bytes: u64) -> Result<(), Error> {
    if bytes > MAX_PAYLOAD as u64 {
        Err(Error::RequestTooLarge { bytes, limit: MAX_PAYLOAD })
    } else {
        Ok(())
    }
}

/// The request that the arguments describe.
pub fn build(arguments: &RequestArgs) -> Result<v1::ScopeRequest, Error> {
    if arguments.text.as_deref().is_none_or(|text| text.trim().is_empty())
        && arguments.data.is_none()
        && arguments.from.is_none()
    {
        return Err(Error::NothingAsked);
    }
    let strategy = match arguments.strategy {
        None => v1::DeploymentStrategy::Unspecified,
        Some(Strategy::BlueGreen) => v1::DeploymentStrategy::BlueGreen,
        Some(Strategy::Canary) => v1::DeploymentStrategy::Canary,
        Some(Strategy::Shadow) => v1::DeploymentStrategy::Shadow,
        Some(Strategy::AbTest) => v1::DeploymentStrategy::AbTest,
        Some(Strategy::ChampionChallenger) => v1::DeploymentStrategy::ChampionChallenger,
        Some(Strategy::Weighted) => v1::DeploymentStrategy::Weighted,
        Some(Strategy::Ensemble) => v1::DeploymentStrategy::Ensemble,
    };
    let csv = arguments.file.csv().map_err(Error::Dialect)?;
    let data_format = arguments.file.format.map_or(v1::DataFormat::Unspecified, Into::into);
    let from = arguments.from.as_ref();
    let (learning, selection) = (arguments.learning.clone(), arguments.selection.clone());
    let constraints = constraints(&learning);
    let loss = learning.loss.unwrap_or_else(|| match learning.quantile {
        Some(_) => QUANTILE_LOSS.to_owned(),
        None => String::new(),
    });
    Ok(v1::ScopeRequest {
        text: arguments.text.clone().unwrap_or_default(),
        data_uri: arguments.data.as_deref().map(absolute).transpose()?.unwrap_or_default(),
        target: arguments.target.clone().unwrap_or_default(),
        positive_class: arguments.positive.clone().unwrap_or_default(),
        metric: arguments.metric.clone().unwrap_or_default(),
        time_budget_seconds: arguments.time_budget.unwrap_or_default(),
        name: arguments.name.clone().unwrap_or_default(),
        strategy: strategy.into(),
        rollout: rollout(arguments)?,
        until: arguments.until.map(|agent| agent.to_string()).unwrap_or_default(),
        seed: arguments.seed.unwrap_or_default(),
        no_cache: arguments.no_cache,
        priority: arguments.priority.map_or(v1::Priority::Unspecified, Lane::priority).into(),
        skip: arguments.skip.iter().map(ToString::to_string).collect(),
        from_run: from.map(|start| start.run.to_string()).unwrap_or_default(),
        from_agent: from.map(|start| start.agent.to_string()).unwrap_or_default(),
        min_rows: learning.min_rows.unwrap_or_default(),
        constraints,
        max_trials: learning.trials.unwrap_or_default(),
        keep_judged_model: learning.keep_judged,
        weight_column: learning.sample_weight.unwrap_or_default(),
        monotone_constraints: learning.monotone,
        loss,
        quantile: learning.quantile.unwrap_or_default(),
        threshold: learning.threshold,
        group_columns: learning.group,
        balance_classes: learning.balance_classes,
        exclude_columns: selection.exclude_column,
        require_columns: selection.keep_column,
        allow_leakage: selection.allow_leakage,
        drop_duplicates: selection.drop_duplicates,
        entity_column: selection.entity_column.unwrap_or_default(),
        time_column: selection.time_column.unwrap_or_default(),
        split_method: selection.split.map_or(v1::SplitMethod::Unspecified, Into::into).into(),
        min_quality_score: selection.min_quality,
        criteria: selection.gate,
        strict_criteria: selection.strict,
        checks: checks(&arguments.checks)?,
        cleaning: cleaning(&arguments.checks),
        windows: arguments.checks.windows(),
        missing_markers: arguments.missing_marker.clone(),
        data_format: data_format.into(),
        csv: (!csv.is_open()).then(|| csv.into()),
        requested_by: std::env::var("USER").unwrap_or_default(),
        ..v1::ScopeRequest::default()
    })
}

/// The places of the tables that the request names: what a fleet reads that is there for it alone.
pub(crate) fn roots(arguments: &RequestArgs) -> Result<Vec<String>, Error> {
    let request = build(arguments)?;
    let suite = request.checks.map(|checks| checks.suite_uri).unwrap_or_default();
    let references = arguments.checks.references.iter().map(|reference| reference.uri.clone());
    let mut roots = vec![absolute(".")?];
    for uri in [request.data_uri, suite].into_iter().chain(references) {
        if uri.is_empty() {
            continue;
        }
        roots.extend(dataset::Location::parse(&absolute(&uri)?).map_err(Error::Location)?.root());
    }
    Ok(roots)
}

/// The limits of the model, where there are any.
fn constraints(learning: &LearningArgs) -> Option<v1::Constraints> {
    let constraints = v1::Constraints {
        max_latency_ms: learning.max_latency_ms.unwrap_or_default(),
        max_model_bytes: learning.max_model_bytes.unwrap_or_default(),
        interpretable: learning.interpretable,
        max_memory_bytes: learning.max_memory_bytes.unwrap_or_default(),
    };
    (constraints != v1::Constraints::default()).then_some(constraints)
}

/// What the table has to meet, where something is said. A suite that is a file here stands in the request.
fn checks(arguments: &ChecksArgs) -> Result<Option<v1::DataChecks>, Error> {
    let mut checks = v1::DataChecks { rules: arguments.rules(), ..v1::DataChecks::default() };
    match arguments.suite.as_deref() {
        None => {}
        Some(uri) if uri.contains("://") => checks.suite_uri = uri.to_owned(),
        Some(path) => {
            let bytes = crate::validate::suite_text(path.as_ref())?;
            if bytes.len() <= INLINE_SUITE {
                checks.suite = String::from_utf8_lossy(&bytes).into_owned();
            } else {
                checks.suite_uri = absolute(path)?;
            }
        }
    }
    Ok((checks != v1::DataChecks::default()).then_some(checks))
}

/// What is done to missing values and outliers, where something is said.
fn cleaning(arguments: &ChecksArgs) -> Option<v1::CleaningRules> {
    let mut rules = CleaningRules::default();
    for filling in &arguments.fill_missing {
        let of = of_column(&mut rules, filling.column.as_deref());
        (of.missing, of.constant) = (Some(filling.rule), filling.constant.clone());
    }
    for outliers in &arguments.outliers {
        let of = of_column(&mut rules, outliers.column.as_deref());
        (of.outliers, of.treatment) = (Some(outliers.rule), outliers.treatment);
        of.limit = outliers.limit;
    }
    for column in &arguments.missing_indicator {
        of_column(&mut rules, Some(column).filter(|of| *of != "*").map(String::as_str))
            .missing_indicator = true;
    }
    (!rules.is_open()).then(|| rules.into())
}

/// The rules of a column, or of all.
fn of_column<'r>(rules: &'r mut CleaningRules, column: Option<&str>) -> &'r mut ValueRules {
    let Some(name) = column else { return &mut rules.all };
    let place = rules.columns.iter().position(|of| of.column == name);
    let place = place.unwrap_or_else(|| {
        let rules = &mut rules.columns;
        rules.push(ColumnRules { column: name.to_owned(), rules: ValueRules::default() });
        rules.len() - 1
    });
    match rules.columns.get_mut(place) {
        Some(of) => &mut of.rules,
        None => &mut rules.all,
    }
}

/// The plan of the rollout, from its file and from the options; conditions are checked before anything is asked for.
fn rollout(arguments: &RequestArgs) -> Result<Option<v1::RolloutPlan>, Error> {
    let mut plan = match &arguments.rollout {
        None => None,
        Some(path) => {
            let failed = |what, source| Error::File { what, path: path.clone(), source };
            let text = std::fs::read(path).map_err(|source| failed("read", source))?;
            let plan: v1::RolloutPlan =
                encoding::from_json("RolloutPlan", &text).map_err(|error| {
                    failed("read the rollout's plan of", std::io::Error::other(error))
                })?;
            ::rollout::check(&plan).map_err(|(step, error)| {
                let problem = format!("step {step}: {error}");
                let source = std::io::Error::new(std::io::ErrorKind::InvalidData, problem);
                failed("read the rollout's plan of", source)
            })?;
            Some(plan)
        }
    };
    if let Some(weight) = arguments.weight {
        plan.get_or_insert_default().weight = weight;
    }
    if arguments.allow_input_changes {
        plan.get_or_insert_default().allow_input_changes = true;
    }
    Ok(plan)
}

/// A path as an agent finds it, which runs elsewhere; a URI stays as it is.
pub(crate) fn absolute(data: &str) -> Result<String, Error> {
    if data.contains("://") || data.starts_with("artifact:") {
        // Before it is sent: what is sent is kept.
        dataset::Location::parse(data).map_err(Error::Location)?;
        return Ok(data.to_owned());
    }
    let path = std::path::absolute(data).map_err(|source| Error::File {
        what: "find",
        path: data.into(),
        source,
    })?;
    // Without `..` and links where the file is there, so that an allow-list's root applies to what is meant.
    Ok(path.canonicalize().unwrap_or(path).display().to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use contracts::names;

    use super::*;

    #[test]
    fn arguments_become_a_request() {
        let arguments = RequestArgs {
            data: Some("no-such.csv".into()),
            target: Some("Churn".into()),
            positive: Some("Yes".into()),
            time_budget: Some(30.0),
            until: Some(contracts::Agent::ModelTrainer),
            seed: Some(7),
            ..RequestArgs::default()
        };
        let message = message(&arguments).unwrap();
        assert_eq!(message.content_type, names::PROTOBUF);
        let request =
            encoding::decode_request(Some(message.content_type), &message.payload).unwrap();
        assert!(request.data_uri.starts_with('/') && request.data_uri.ends_with("/no-such.csv"));
        assert_eq!(
            (request.target.as_str(), request.time_budget_seconds, request.seed),
            ("Churn", 30.0, 7)
        );
        assert_eq!(request.until, "model-trainer");
    }

    #[test]
    fn a_run_may_begin_in_the_middle_of_another() {
        let from = crate::cli::Start {
            run: contracts::RunId::new("churn-1").unwrap(),
            agent: contracts::Agent::ModelTrainer,
        };
        let arguments = RequestArgs {
            from: Some(from),
            skip: vec![contracts::Agent::ModelSelector],
            no_cache: true,
            priority: Some(Lane::High),
            ..RequestArgs::default()
        };
        let request = build(&arguments).unwrap();
        assert_eq!(
            (request.from_run.as_str(), request.from_agent.as_str()),
            ("churn-1", "model-trainer")
        );
        assert_eq!((request.priority(), request.no_cache), (v1::Priority::High, true));
        assert_eq!(request.skip, ["model-selector"]);
    }

    /// The arguments of a `tier0 submit`.
    fn arguments(line: &str) -> RequestArgs {
        use clap::Parser as _;
        let cli = crate::cli::Cli::try_parse_from(line.split_whitespace()).unwrap();
        match cli.command {
            crate::cli::Command::Submit(submit) => submit.request,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn how_the_model_is_learned_becomes_part_of_the_request() {
        use contracts::Validate as _;
        let request = build(&arguments(
            "tier0 submit --data t.csv --target y --trials 40 --keep-judged --sample-weight w --monotone age=increasing \
             --monotone income=decreasing --threshold cost:1:10 --group region --group sex --balance-classes --min-rows 80 \
             --max-latency-ms 2.5 --max-model-bytes 1000000 --max-memory-bytes 2000000 --interpretable",
        ))
        .unwrap();
        request.validate().unwrap();
        assert_eq!((request.max_trials, request.min_rows), (40, 80));
        assert!(request.keep_judged_model && request.balance_classes);
        assert_eq!(request.weight_column, "w");
        let monotone: Vec<_> = request
            .monotone_constraints
            .iter()
            .map(|one| (one.column.as_str(), one.direction()))
            .collect();
        let expected = [
            ("age", v1::MonotoneDirection::Increasing),
            ("income", v1::MonotoneDirection::Decreasing),
        ];
        assert_eq!(monotone, expected);
        let threshold = request.threshold.unwrap();
        assert_eq!(threshold.metric, "cost");
        assert_eq!((threshold.false_positive_cost, threshold.false_negative_cost), (1.0, 10.0));
        assert_eq!(request.group_columns, ["region", "sex"]);
        let limits = v1::Constraints {
            max_latency_ms: 2.5,
            max_model_bytes: 1_000_000,
            interpretable: true,
            max_memory_bytes: 2_000_000,
        };
        assert_eq!(request.constraints, Some(limits));
    }

    #[test]
    fn rows_columns_and_gates_become_part_of_the_request() {
        use contracts::Validate as _;
        let request = build(&arguments(
            "tier0 submit --data t.csv --target y --exclude-column a --exclude-column b --keep-column id --allow-leakage c \
             --drop-duplicates --min-quality 0.6 --gate roc_auc=0.7 --gate f1=0.5",
        ))
        .unwrap();
        request.validate().unwrap();
        assert_eq!(
            (request.exclude_columns, request.require_columns),
            (vec!["a".to_owned(), "b".to_owned()], vec!["id".to_owned()])
        );
        assert_eq!(
            (request.allow_leakage, request.min_quality_score),
            (vec!["c".to_owned()], Some(0.6))
        );
        assert!(request.drop_duplicates && !request.strict_criteria);
        let gates: Vec<_> = request
            .criteria
            .iter()
            .map(|one| (one.metric.as_str(), one.threshold, one.gate))
            .collect();
        assert_eq!(gates, [("roc_auc", 0.7, true), ("f1", 0.5, true)]);
    }

    #[test]
    fn checks_and_cleaning_become_part_of_the_request() {
        use contracts::Validate as _;
        let temporary = tempfile::tempdir().unwrap();
        let suite = temporary.path().join("suite.json");
        std::fs::write(&suite, "{\"name\": \"s\", \"expectations\": []}").unwrap();
        let line = format!(
            "tier0 submit --data t.csv --target y --suite {} --unique a,b --references brand=/x.csv#name --rule a>=0 --rule b<1 \
             --tolerance 0.5 --rules-warn --fill-missing median --fill-missing a=constant:0 --missing-indicator * \
             --outliers iqr:null --outliers a=z-score --look-back at:since:180",
            suite.display()
        );
        let request = build(&arguments(&line)).unwrap();
        request.validate().unwrap();
        let checks = request.checks.unwrap();
        assert!(checks.suite.contains("expectations") && checks.suite_uri.is_empty());
        let names: Vec<&str> = checks.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["unique_1", "reference_1", "rule_1", "rule_2"]);
        assert!(checks.rules.iter().all(|rule| rule.warns));
        let cleaning = request.cleaning.unwrap();
        let all = cleaning.all.unwrap();
        assert_eq!((all.missing(), all.missing_indicator), (v1::MissingRule::Median, true));
        let of_a = cleaning.columns[0].rules.clone().unwrap();
        assert_eq!((of_a.outliers(), of_a.constant.as_str()), (v1::OutlierRule::ZScore, "0"));
        assert_eq!(request.windows[0].look_back_days, 180.0);
        let plain = build(&arguments("tier0 submit --data t.csv --target y")).unwrap();
        assert_eq!((plain.checks, plain.cleaning), (None, None));
        let place = build(&arguments("tier0 submit --data t.csv --target y --suite s3://b/s.json"));
        assert_eq!(place.unwrap().checks.unwrap().suite_uri, "s3://b/s.json");
    }

    #[test]
    fn a_quantile_says_its_loss() {
        let request = build(&arguments("tier0 submit --data t.csv --target y --quantile 0.9"));
        let request = request.unwrap();
        assert_eq!((request.loss.as_str(), request.quantile), ("quantile", 0.9));
        let request = build(&arguments("tier0 submit --data t.csv --target y")).unwrap();
        assert_eq!((request.loss.as_str(), request.constraints), ("", None));
    }

    #[test]
    fn what_is_stated_of_the_file_becomes_part_of_the_request() {
        use contracts::Validate as _;
        let request = build(&arguments(
            "tier0 submit --data t.txt --target y --format csv --delimiter tab --quote none --decimal , --thousands . --no-header \
             --comment # --skip-lines 2 --encoding latin1 --missing-marker - --missing-marker k.A.",
        ))
        .unwrap();
        request.validate().unwrap();
        assert_eq!(request.data_format(), v1::DataFormat::Csv);
        assert_eq!(request.missing_markers, ["-", "k.A."]);
        let csv = request.csv.unwrap();
        assert_eq!(
            (csv.delimiter.as_str(), csv.quote.as_str(), csv.decimal.as_str()),
            ("\t", "none", ",")
        );
        assert_eq!((csv.thousands.as_str(), csv.comment.as_str(), csv.skip_lines), (".", "#", 2));
        assert_eq!((csv.encoding.as_str(), csv.no_header), ("windows-1252", true));
        let open = build(&arguments("tier0 submit --data t.csv --target y")).unwrap();
        assert_eq!((open.data_format(), open.csv), (v1::DataFormat::Unspecified, None));
        let contradicting = arguments("tier0 submit --data t.csv --target y --thousands .");
        assert_eq!(build(&contradicting).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_uri_stays_as_it_is() {
        let sent = format!("artifact:{}:12", "0a".repeat(32));
        for uri in ["s3://bucket/x.csv", &sent] {
            assert_eq!(absolute(uri).unwrap(), uri);
        }
        assert_eq!(absolute("artifact:0a:12").unwrap_err().exit_code(), 2);
        let error = absolute("postgres://me:hunter2@db/sales?table=t").unwrap_err();
        assert!(error.exit_code() == 2 && !error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_file_is_sent_as_it_is() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("request.json");
        std::fs::write(&path, b" {\"text\": \"x\", \"surprise\": 1}").unwrap();
        let arguments = RequestArgs { request_file: Some(path), ..RequestArgs::default() };
        let message = message(&arguments).unwrap();
        assert_eq!(message.content_type, names::JSON);
        assert_eq!(&message.payload[..], b" {\"text\": \"x\", \"surprise\": 1}");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_here() {
        assert!(matches!(message(&RequestArgs::default()), Err(Error::NothingAsked)));
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("large.json");
        std::fs::write(&path, vec![b' '; 2 << 20]).unwrap();
        let arguments = RequestArgs { request_file: Some(path), ..RequestArgs::default() };
        let error = message(&arguments).unwrap_err();
        assert!(matches!(error, Error::RequestTooLarge { bytes: 2_097_152, .. }));
        assert_eq!(error.exit_code(), 2);
    }
}
