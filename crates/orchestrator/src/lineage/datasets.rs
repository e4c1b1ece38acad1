//! What the stages of a run read and write, as datasets.
//!
//! ```text
//! source ─▶ prepared/train, validation, test, hold_out ─▶ feature_plan ─▶ model ─▶ endpoint
//! ```
//!
//! A dataset is named after the model that it is for, so that it is the same one in every run; its `version` is the SHA-256 of the
//! content of this run.

use contracts::v1::{ArtifactRef, ColumnSchema};
use contracts::{Agent, DataSet, names};

use super::event::{Dataset, Facets};
use super::facets;
use crate::outputs::Outputs;

/// What a dataset is to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Input,
    Output,
}

/// The datasets of a run in a namespace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Datasets<'a> {
    pub(super) namespace: &'a str,
    /// What the datasets are named after where no model has a name yet.
    pub(super) job: &'a str,
    /// Where the table is that was asked for, where the request says it.
    pub(super) request_uri: &'a str,
    pub(super) outputs: Outputs<'a>,
}

impl Datasets<'_> {
    /// What a stage reads, as far as it is there.
    pub(super) fn read_by(&self, agent: &str) -> Vec<Dataset> {
        self.all(Role::Input, agent.parse().map_or(&[][..], Agent::reads))
    }

    /// What a stage has written.
    pub(super) fn written_by(&self, agent: &str) -> Vec<Dataset> {
        self.all(Role::Output, agent.parse().map_or(&[][..], Agent::writes))
    }

    fn all(&self, role: Role, data: &[DataSet]) -> Vec<Dataset> {
        data.iter().filter_map(|data| self.dataset(role, *data)).collect()
    }

    fn dataset(&self, role: Role, data: DataSet) -> Option<Dataset> {
        match data {
            DataSet::Source => self.source(),
            DataSet::Train | DataSet::Validation | DataSet::Test | DataSet::HoldOut => {
                self.split(role, data)
            }
            DataSet::FeaturePlan => self.feature_plan(role),
            DataSet::Model => self.model(role),
            DataSet::Endpoint => self.endpoint(role),
        }
    }

    /// What the whole run reads.
    pub(super) fn read(&self) -> Vec<Dataset> {
        self.source().into_iter().collect()
    }

    /// What the whole run has written so far.
    pub(super) fn written(&self) -> Vec<Dataset> {
        Agent::ALL.iter().flat_map(|agent| self.written_by(agent.as_str())).collect()
    }

    fn name(&self, of: &str) -> String {
        let model = self.outputs.scope.map_or(self.job, |scope| scope.name.as_str());
        format!("{model}/{of}")
    }

    fn source(&self) -> Option<Dataset> {
        let scoped = self.outputs.scope.and_then(|scope| scope.data.as_ref());
        let uri = scoped.map_or(self.request_uri, |data| data.uri.as_str());
        if uri.is_empty() {
            return None;
        }
        let (namespace, name, uri) = location(uri);
        let mut facets = Facets::from([facets::data_source(&namespace, &uri)]);
        let prepared = self.outputs.prepared;
        facets.extend(
            prepared
                .filter(|prepared| !prepared.source_sha256.is_empty())
                .map(|prepared| facets::version(&prepared.source_sha256)),
        );
        let rows = prepared.and_then(|prepared| prepared.rows.as_ref()).map(|rows| rows.read);
        let input_facets =
            rows.map(|rows| facets::input_statistics(Some(rows), None)).unwrap_or_default();
        Some(Dataset { namespace, name, facets, input_facets, output_facets: Facets::new() })
    }

    fn split(&self, role: Role, split: DataSet) -> Option<Dataset> {
        let prepared = self.outputs.prepared?;
        let artifact = match split {
            DataSet::Train => &prepared.train,
            DataSet::Validation => &prepared.validation,
            DataSet::Test => &prepared.test,
            _ => &prepared.hold_out,
        };
        let dataset = self.artifact(role, split, artifact.as_ref()?)?;
        Some(with(dataset, columns(&prepared.columns)))
    }

    fn feature_plan(&self, role: Role) -> Option<Dataset> {
        let features = self.outputs.features?;
        let fields = features.features.iter();
        let fields = fields.map(|feature| (feature.name.as_str(), feature.transform.clone()));
        let dataset = self.artifact(role, DataSet::FeaturePlan, features.plan.as_ref()?)?;
        Some(with(dataset, facets::fields(fields)))
    }

    fn model(&self, role: Role) -> Option<Dataset> {
        let trained = self.outputs.trained?;
        let dataset = self.artifact(role, DataSet::Model, trained.bundle.as_ref()?)?;
        Some(with(dataset, columns(&trained.signature_inputs)))
    }

    fn endpoint(&self, role: Role) -> Option<Dataset> {
        let deployment = self.outputs.deployment?;
        let mut facets = Facets::from([
            facets::data_source(&deployment.endpoint, &deployment.url),
            facets::version(&deployment.digest),
        ]);
        facets.extend(self.outputs.trained.map(|trained| columns(&trained.signature_inputs)));
        Some(Dataset {
            namespace: self.namespace.to_owned(),
            name: format!("{}/{}", deployment.endpoint, DataSet::Endpoint.as_str()?),
            facets,
            input_facets: Facets::new(),
            output_facets: if role == Role::Output {
                facets::output_statistics(None, None)
            } else {
                Facets::new()
            },
        })
    }

    fn artifact(&self, role: Role, of: DataSet, artifact: &ArtifactRef) -> Option<Dataset> {
        let rows = Some(artifact.rows).filter(|rows| *rows > 0);
        let bytes = Some(artifact.bytes);
        let (input_facets, output_facets) = match role {
            Role::Input => (facets::input_statistics(rows, bytes), Facets::new()),
            Role::Output => (Facets::new(), facets::output_statistics(rows, bytes)),
        };
        let store = artifact.uri.rsplit_once('/').map_or(names::ARTIFACTS_STORE, |(at, _)| at);
        Some(Dataset {
            namespace: self.namespace.to_owned(),
            name: self.name(of.as_str()?),
            facets: Facets::from([
                facets::data_source(store, &artifact.uri),
                facets::version(&artifact.sha256),
            ]),
            input_facets,
            output_facets,
        })
    }
}

fn with(mut dataset: Dataset, (name, facet): (String, serde_json::Value)) -> Dataset {
    dataset.facets.insert(name, facet);
    dataset
}

fn columns(columns: &[ColumnSchema]) -> (String, serde_json::Value) {
    facets::fields(columns.iter().map(|column| {
        let name = column.r#type().as_str_name();
        let kind = name.strip_prefix("COLUMN_TYPE_").unwrap_or(name).to_ascii_lowercase();
        (column.name.as_str(), kind)
    }))
}

/// A URI without credentials and signatures.
pub(crate) fn without_secrets(uri: &str) -> String {
    location(uri).2
}

/// Namespace, name and URI of a table, after OpenLineage's naming of datasets; without credentials and signatures.
fn location(uri: &str) -> (String, String, String) {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let uri = uri.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = uri.split_once("://") else {
        return ("file".to_owned(), uri.to_owned(), uri.to_owned());
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let uri = format!("{scheme}://{authority}/{path}");
    if scheme == "file" {
        return ("file".to_owned(), format!("/{path}"), uri);
    }
    if scheme.starts_with("postgres") {
        // Tables of a database are told apart by the one parameter that a location of one has.
        let table = query.split('&').find_map(|pair| pair.strip_prefix("table="));
        let name = match table {
            Some(table) if table.contains('.') => format!("{path}.{table}"),
            Some(table) => format!("{path}.public.{table}"),
            None => path.to_owned(),
        };
        let has_port =
            authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let port = if has_port { "" } else { ":5432" };
        return (format!("postgres://{authority}{port}"), name, uri);
    }
    (format!("{scheme}://{authority}"), path.to_owned(), uri)
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn locations_are_named_as_openlineage_names_them() {
        let named = |uri| {
            let (namespace, name, _) = location(uri);
            format!("{namespace} {name}")
        };
        assert_eq!(named("/data/train.csv"), "file /data/train.csv");
        assert_eq!(named("file:///data/train.csv"), "file /data/train.csv");
        assert_eq!(named("s3://bucket/a/b.parquet"), "s3://bucket a/b.parquet");
        let table = "postgres://db.example/sales?table=crm.orders";
        assert_eq!(named(table), "postgres://db.example:5432 sales.crm.orders");
        assert_eq!(named("postgres://db:5433/sales?table=t"), "postgres://db:5433 sales.public.t");
        assert_eq!(named("postgres://db/sales"), "postgres://db:5432 sales");
    }

    #[test]
    fn secrets_of_a_location_are_left_out() {
        let (namespace, name, uri) = location("az://user:secret@container/a.csv?sig=secret");
        assert_eq!((namespace.as_str(), name.as_str()), ("az://container", "a.csv"));
        assert_eq!(uri, "az://container/a.csv");
    }
}
