//! A request, made from arguments or taken from a file.

use bytes::Bytes;
use contracts::encoding::{self, Encoding};
use contracts::{Lane, MAX_PAYLOAD, v1};

use crate::Error;
use crate::cli::{RequestArgs, Strategy};

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
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
                content_type: Encoding::of(None, &payload)?.content_type(),
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
    let from = arguments.from.as_ref();
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
        requested_by: std::env::var("USER").unwrap_or_default(),
        ..v1::ScopeRequest::default()
    })
}

/// The plan of the rollout, from its file and from the options; conditions are checked before anything is asked for.
fn rollout(arguments: &RequestArgs) -> Result<Option<v1::RolloutPlan>, Error> {
    let mut plan = match &arguments.rollout {
        None => None,
        Some(path) => {
            let failed = |what, source| Error::File { what, path: path.clone(), source };
            let text = std::fs::read(path).map_err(|source| failed("read", source))?;
            let plan: v1::RolloutPlan = serde_json::from_slice(&text)
                .map_err(|error| failed("read the rollout's plan of", error.into()))?;
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
    Ok(plan)
}

/// A path as an agent finds it, which runs elsewhere; a URI stays as it is.
fn absolute(data: &str) -> Result<String, Error> {
    if data.contains("://") {
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
    #![allow(clippy::unwrap_used, reason = "a test")]

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

    #[test]
    fn a_uri_stays_as_it_is() {
        assert_eq!(absolute("s3://bucket/x.csv").unwrap(), "s3://bucket/x.csv");
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
