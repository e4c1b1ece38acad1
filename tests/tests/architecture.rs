//! Holds what `docs/architecture.md` says about who may know whom.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use contracts::Agent;

/// The agents' crates, named after them.
const AGENTS: [&str; Agent::ALL.len()] = {
    let mut names = [""; Agent::ALL.len()];
    let mut position = 0;
    while let Some(agent) = Agent::at(position) {
        names[position] = agent.as_str();
        position += 1;
    }
    names
};

/// Crates that compute and do nothing else.
const PURE: [&str; 7] =
    ["schema", "tabular", "statistics", "scoring", "learners", "lightgbm", "expectations"];

/// Crates that decide on the messages of the contract, and do nothing else.
const PURE_ON_MESSAGES: [&str; 2] = ["monitoring", "rollout"];

/// The workspace crates that each crate links directly.
const ALLOWED: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("contracts", &["schema"]),
    ("secret", &[]),
    ("bus", &["contracts", "secret"]),
    ("identities", &["contracts"]),
    ("guard", &[]),
    ("tls", &["secret"]),
    ("outgoing", &["tls"]),
    ("object-stores", &["outgoing"]),
    ("artifacts", &["bus", "contracts", "object-stores"]),
    ("rollout", &["contracts", "statistics"]),
    ("monitoring", &["contracts", "rollout", "schema", "statistics", "tabular"]),
    ("registry", &["bus", "contracts", "monitoring", "rollout"]),
    ("auth", &["contracts", "outgoing", "secret"]),
    ("backup", &["artifacts", "bus", "contracts", "registry"]),
    ("retention", &["artifacts", "bus", "contracts", "registry"]),
    ("process", &["artifacts", "auth", "bus", "contracts", "guard", "page", "secret", "tls"]),
    ("stage", &["artifacts", "bus", "contracts", "process"]),
    ("no-op", &["contracts", "process", "stage"]),
    ("runs", &["bus", "contracts"]),
    ("tabular", &["schema"]),
    ("client", &["outgoing", "process", "tabular", "tls"]),
    ("terminal", &["process"]),
    ("statistics", &["schema", "tabular"]),
    ("scoring", &["statistics", "tabular"]),
    ("onnx", &["scoring", "tabular"]),
    ("mlflow", &["onnx", "outgoing", "secret"]),
    (
        "api",
        &[
            "artifacts",
            "bus",
            "contracts",
            "mlflow",
            "outgoing",
            "registry",
            "rollout",
            "runs",
            "scoring",
            "secret",
            "statistics",
            "tabular",
        ],
    ),
    ("console", &[]),
    ("lightgbm", &[]),
    ("learners", &["lightgbm", "scoring", "tabular"]),
    ("dataset", &["guard", "object-stores", "outgoing", "schema", "secret", "tabular"]),
    ("tables", &["dataset", "schema", "tabular"]),
    ("expectations", &[]),
    ("validator", &["dataset", "expectations", "tabular"]),
    ("page", &[]),
    ("profiler", &["dataset", "page", "statistics", "tables", "tabular"]),
    ("upload", &["artifacts", "contracts", "dataset", "profiler", "tables", "tabular"]),
    ("report", &["api", "page", "runs"]),
    ("sample", &["contracts", "dataset", "tabular"]),
    ("fleet", &["bus", "contracts", "identities", "sample"]),
    (
        "bench",
        &[
            "api",
            "artifacts",
            "bus",
            "client",
            "contracts",
            "data-preparer",
            "dataset",
            "fleet",
            "identities",
            "learners",
            "lightgbm",
            "no-op",
            "onnx",
            "process",
            "registry",
            "sample",
            "scoring",
            "stage",
            "statistics",
            "tables",
            "tabular",
            "terminal",
        ],
    ),
    (
        "scope-definer",
        &[
            "artifacts",
            "bus",
            "contracts",
            "dataset",
            "expectations",
            "process",
            "stage",
            "tabular",
        ],
    ),
    (
        "data-preparer",
        &[
            "artifacts",
            "bus",
            "contracts",
            "dataset",
            "expectations",
            "process",
            "stage",
            "statistics",
            "tables",
            "tabular",
        ],
    ),
    (
        "feature-analyzer",
        &[
            "artifacts",
            "contracts",
            "dataset",
            "process",
            "scoring",
            "stage",
            "statistics",
            "tabular",
        ],
    ),
    (
        "model-selector",
        &[
            "artifacts",
            "bus",
            "contracts",
            "dataset",
            "learners",
            "process",
            "registry",
            "stage",
            "statistics",
            "tabular",
        ],
    ),
    (
        "model-trainer",
        &[
            "artifacts",
            "bus",
            "contracts",
            "dataset",
            "learners",
            "process",
            "scoring",
            "stage",
            "statistics",
            "tabular",
        ],
    ),
    (
        "model-deployer",
        &[
            "artifacts",
            "bus",
            "contracts",
            "mlflow",
            "monitoring",
            "outgoing",
            "process",
            "registry",
            "rollout",
            "scoring",
            "secret",
            "stage",
            "statistics",
            "tabular",
        ],
    ),
    (
        "observability-connector",
        &[
            "artifacts",
            "bus",
            "contracts",
            "dataset",
            "monitoring",
            "outgoing",
            "process",
            "registry",
            "secret",
            "stage",
            "statistics",
            "tabular",
        ],
    ),
    (
        "model-server",
        &[
            "artifacts",
            "auth",
            "bus",
            "contracts",
            "dataset",
            "process",
            "registry",
            "rollout",
            "scoring",
            "tabular",
        ],
    ),
    (
        "orchestrator",
        &[
            "api",
            "artifacts",
            "auth",
            "bus",
            "console",
            "contracts",
            "mlflow",
            "onnx",
            "outgoing",
            "process",
            "registry",
            "retention",
            "runs",
            "schema",
            "scoring",
            "secret",
            "upload",
        ],
    ),
    (
        "tier0",
        &[
            "api",
            "artifacts",
            "auth",
            "backup",
            "bus",
            "client",
            "contracts",
            "dataset",
            "expectations",
            "fleet",
            "guard",
            "identities",
            "mlflow",
            "process",
            "profiler",
            "registry",
            "report",
            "retention",
            "rollout",
            "runs",
            "sample",
            "scoring",
            "statistics",
            "tables",
            "tabular",
            "terminal",
            "validator",
        ],
    ),
    (
        "fuzz",
        &[
            "bus",
            "contracts",
            "dataset",
            "expectations",
            "guard",
            "model-server",
            "object-stores",
            "onnx",
            "outgoing",
            "scope-definer",
            "scoring",
            "tabular",
        ],
    ),
    ("probe", &["tls"]),
    ("tier0-tests", &["artifacts", "bus", "registry"]),
];

/// What a pure crate must not name: the outside world, and time.
const IMPURE: [&str; 10] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io::stdin",
    "SystemTime::now",
    "Timestamp::now",
    "Instant::now",
    "thread_rng",
    "from_os_rng",
];

/// Longest `main.rs`: a program is its library, started.
const MAX_MAIN_LINES: usize = 15;

struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    fn read() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .other_options(
                ["--offline", "--filter-platform", "x86_64-unknown-linux-gnu"].map(str::to_owned),
            )
            .exec()
            .expect("cargo describes the workspace");
        Self { metadata }
    }

    fn members(&self) -> impl Iterator<Item = &str> {
        self.metadata.workspace_packages().into_iter().map(|package| package.name.as_str())
    }

    fn name(&self, id: &PackageId) -> &str {
        self.metadata[id].name.as_str()
    }

    fn id(&self, name: &str) -> &PackageId {
        let package = self
            .metadata
            .workspace_packages()
            .into_iter()
            .find(|package| package.name.as_str() == name);
        &package.unwrap_or_else(|| panic!("no crate {name} in the workspace")).id
    }

    /// What a package links when it is built for use: build and development dependencies do not count.
    fn links(&self, id: &PackageId) -> Vec<&PackageId> {
        let resolve = self.metadata.resolve.as_ref().expect("dependencies are resolved");
        let node =
            resolve.nodes.iter().find(|node| node.id == *id).expect("each package has a node");
        node.deps
            .iter()
            .filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            })
            .map(|dependency| &dependency.pkg)
            .collect()
    }

    fn links_transitively(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.id(name)];
        while let Some(id) = open.pop() {
            for linked in self.links(id) {
                if seen.insert(linked) {
                    open.push(linked);
                }
            }
        }
        seen.into_iter().map(|id| self.name(id)).collect()
    }

    /// The crates of the workspace that link `name`, by whatever way.
    fn linking(&self, name: &str) -> BTreeSet<&str> {
        self.members().filter(|member| self.links_transitively(member).contains(name)).collect()
    }

    fn sources(&self, name: &str) -> Vec<PathBuf> {
        let manifest = self.metadata[self.id(name)].manifest_path.clone().into_std_path_buf();
        let mut files = Vec::new();
        collect_sources(
            &manifest.parent().expect("a manifest has a directory").join("src"),
            &mut files,
        );
        files
    }
}

fn collect_sources(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in
        fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
    {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The lines of a source that are shipped and are no comments: those before the first test module.
fn shipped_lines(path: &Path) -> Vec<String> {
    let is_test = path.file_stem().is_some_and(|stem| stem == "tests")
        || path.components().any(|component| component.as_os_str() == "tests");
    if is_test {
        return Vec::new();
    }
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_crate_links_only_what_it_may() {
    let workspace = Workspace::read();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, crates)| (*name, crates.iter().copied().collect())).collect();
    let members: BTreeSet<&str> = workspace.members().collect();
    let rows: BTreeSet<&str> = allowed.keys().copied().collect();
    let (without, left): (Vec<_>, Vec<_>) =
        (members.difference(&rows).collect(), rows.difference(&members).collect());
    assert!(without.is_empty(), "no row in ALLOWED of this test for the crates {without:?}");
    assert!(left.is_empty(), "rows in ALLOWED of this test for no crate: {left:?}");
    for member in &members {
        let linked: BTreeSet<&str> = workspace
            .links(workspace.id(member))
            .into_iter()
            .map(|id| workspace.name(id))
            .filter(|name| members.contains(name))
            .collect();
        let may = &allowed[member];
        let (more, less): (Vec<_>, Vec<_>) =
            (linked.difference(may).collect(), may.difference(&linked).collect());
        assert!(more.is_empty(), "{member} links {more:?}, which its row in ALLOWED does not have");
        assert!(less.is_empty(), "{member} does not link {less:?}, which its row in ALLOWED has");
    }
}

/// A dependency that no source names, but for those that only switch features on.
#[test]
fn every_dependency_is_used() {
    /// What implements argmin's traits for vectors, what files of other crates need that tests take in, and what has bindgen
    /// compiled once.
    const UNNAMED: [(&str, &str); 5] = [
        ("learners", "argmin-math"),
        ("lightgbm", "regex-automata"),
        ("lightgbm", "regex-syntax"),
        ("model-deployer", "pbjson-types"),
        ("tier0-tests", "tonic-prost"),
    ];
    let workspace = Workspace::read();
    for package in workspace.metadata.workspace_packages() {
        let directory = package.manifest_path.parent().expect("a manifest has a directory");
        let mut files = Vec::new();
        for part in ["src", "tests", "benches", "examples"] {
            let part = directory.join(part);
            if part.exists() {
                collect_sources(part.as_std_path(), &mut files);
            }
        }
        let sources: Vec<String> =
            files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            let word = name.replace('-', "_");
            let is_named = sources.iter().any(|text| {
                text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
            });
            let is_known = UNNAMED.contains(&(package.name.as_str(), name));
            assert!(is_named || is_known, "{} does not use {name}", package.name);
        }
    }
}

#[test]
fn no_agent_links_another() {
    let workspace = Workspace::read();
    for agent in AGENTS {
        let linked = workspace.links_transitively(agent);
        let others: Vec<_> = AGENTS.iter().filter(|other| linked.contains(**other)).collect();
        assert!(others.is_empty(), "{agent} links {others:?}");
    }
}

#[test]
fn pure_crates_know_no_runtime_no_bus_and_no_wire_format() {
    let workspace = Workspace::read();
    for name in PURE {
        let linked = workspace.links_transitively(name);
        for outside in ["tokio", "async-nats", "prost", "reqwest", "object_store"] {
            assert!(!linked.contains(outside), "{name} links {outside}");
        }
    }
    for name in PURE_ON_MESSAGES.into_iter().chain(["contracts"]) {
        let linked = workspace.links_transitively(name);
        for outside in ["tokio", "async-nats", "reqwest", "object_store"] {
            assert!(!linked.contains(outside), "{name} links {outside}");
        }
    }
}

#[test]
fn pure_crates_name_neither_the_outside_world_nor_time() {
    let workspace = Workspace::read();
    for name in PURE.into_iter().chain(PURE_ON_MESSAGES).chain(["contracts", "onnx"]) {
        for path in workspace.sources(name) {
            for line in shipped_lines(&path) {
                let found = IMPURE.iter().find(|word| line.contains(*word));
                assert!(found.is_none(), "{}: {}", path.display(), line.trim());
            }
        }
    }
}

/// What the others need of NATS the bus has. The benchmarks measure the bus against the bare client, and the tests look at what is
/// stored past it.
#[test]
fn the_client_of_nats_is_named_by_the_bus_and_the_artifact_store() {
    let workspace = Workspace::read();
    let named: BTreeSet<&str> = workspace
        .metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| package.dependencies.iter().any(|it| it.name == "async-nats"))
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(named, BTreeSet::from(["artifacts", "bench", "bus", "tier0-tests"]));
}

/// Agents work with what was checked; what may be missing or unspecified ends in `contracts`.
#[test]
fn no_agent_names_a_message_as_it_travels() {
    let workspace = Workspace::read();
    for agent in AGENTS {
        for path in workspace.sources(agent) {
            let text = fs::read_to_string(&path).unwrap();
            let found = text.lines().find(|line| line.contains("v1::"));
            assert!(found.is_none(), "{}: {}", path.display(), found.unwrap_or_default().trim());
        }
    }
}

#[test]
fn heavy_engines_are_linked_where_they_work() {
    let workspace = Workspace::read();
    assert_eq!(
        workspace.linking("lightgbm3-sys"),
        BTreeSet::from(["bench", "learners", "lightgbm", "model-selector", "model-trainer"])
    );
    let server = workspace.links_transitively("model-server");
    // It reads Parquet bodies; what it answers with is not made by an engine.
    for engine in ["datafusion", "cmake", "ndarray"] {
        assert!(!server.contains(engine), "model-server links {engine}");
    }
}

/// What a user installs has no server and no measurement in it.
#[test]
fn the_command_line_links_no_server_and_no_benchmark() {
    let workspace = Workspace::read();
    let linked = workspace.links_transitively("tier0");
    for other in AGENTS.into_iter().chain(["orchestrator", "model-server", "bench", "fuzz"]) {
        assert!(!linked.contains(other), "tier0 links {other}");
    }
    for tool in ["bench", "fuzz"] {
        assert!(workspace.linking(tool).is_empty(), "nothing links {tool}");
    }
}

/// The wrapper of LightGBM, and the entry that libFuzzer calls, which is in no program that is shipped.
#[test]
fn only_the_lightgbm_wrapper_and_the_driver_of_the_fuzzer_have_unsafe_code() {
    let workspace = Workspace::read();
    for member in workspace.members().filter(|member| !["lightgbm", "fuzz"].contains(member)) {
        for path in workspace.sources(member) {
            for line in shipped_lines(&path) {
                let words =
                    ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "(unsafe_code"];
                assert!(
                    !words.iter().any(|word| line.contains(word)),
                    "{}: {}",
                    path.display(),
                    line.trim()
                );
            }
        }
    }
}

#[test]
fn programs_are_their_libraries_started() {
    let workspace = Workspace::read();
    for program in AGENTS.into_iter().chain(["model-server", "orchestrator", "tier0", "bench"]) {
        let sources = workspace.sources(program);
        let main = sources.iter().find(|path| path.ends_with("src/main.rs"));
        let main = main.unwrap_or_else(|| panic!("{program} has a main.rs"));
        let lines = fs::read_to_string(main).unwrap().lines().count();
        assert!(lines <= MAX_MAIN_LINES, "{} has {lines} lines", main.display());
    }
}

/// Every error of an agent is told from the others where it is decided what becomes of it: one that is new does not compile until
/// a decision has been made.
#[test]
fn what_becomes_of_an_error_is_decided_for_each() {
    let workspace = Workspace::read();
    for agent in AGENTS {
        let mut matches = 0;
        for path in workspace.sources(agent) {
            let lines = shipped_lines(&path);
            let begins = lines.iter().position(|line| line.contains("fn disposition(&self)"));
            let Some(begins) = begins else { continue };
            // To the end of the function, which stands at its own indentation.
            let body = lines[begins..].iter().take_while(|line| *line != "    }");
            for line in body.map(|line| line.trim()) {
                matches += usize::from(line.starts_with("match self"));
                let anything = line.starts_with("_ =>") || line.starts_with("_ if");
                assert!(!anything, "{}: {line}", path.display());
            }
        }
        assert_eq!(matches, 1, "{agent}: its `disposition` has one `match self`");
    }
}

/// What crashes on purpose is in the tests' build alone.
#[test]
fn no_build_crashes_on_purpose_unless_it_is_told_to() {
    const FEATURE: &str = "fault-injection";
    let workspace = Workspace::read();
    for package in workspace.metadata.workspace_packages() {
        let default = package.features.get("default").cloned().unwrap_or_default();
        assert!(!default.iter().any(|name| name.contains(FEATURE)), "{}", package.name);
        // A dependency that turns it on would do so in every build.
        for dependency in &package.dependencies {
            let on = dependency.features.iter().any(|name| name.contains(FEATURE));
            assert!(!on, "{} turns it on in {}", package.name, dependency.name);
        }
        let forwarded = package.features.get(FEATURE).cloned().unwrap_or_default();
        match package.name.as_str() {
            "stage" => assert_eq!(forwarded, ["process/fault-injection"]),
            // They read tables, whose decoders have faults of their own.
            "scope-definer" | "data-preparer" => {
                assert_eq!(forwarded, ["dataset/fault-injection", "stage/fault-injection"]);
            }
            name if AGENTS.contains(&name) => {
                assert_eq!(
                    forwarded,
                    ["stage/fault-injection"],
                    "{FEATURE} in Cargo.toml of {name}"
                );
            }
            _ => {}
        }
    }
    // The two builds differ in one place of a crate: the rest passes points, which are nothing in the one that is shipped.
    for member in workspace.members() {
        for path in workspace.sources(member) {
            let differs = shipped_lines(&path)
                .iter()
                .any(|line| line.contains(FEATURE) && line.contains("cfg"));
            assert!(!differs || path.ends_with("fault.rs"), "{}", path.display());
        }
    }
    let makefile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Makefile");
    assert!(!fs::read_to_string(makefile).unwrap().contains(FEATURE), "what is shipped has it not");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let workspace = Workspace::read();
    for package in workspace.metadata.workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package.manifest_path);
    }
}

/// What every outgoing client keeps to is set where they are made: redirects, deadlines, and addresses that are not connected to.
#[test]
fn outgoing_clients_are_made_in_one_place() {
    let workspace = Workspace::read();
    for member in workspace.members().filter(|member| *member != "outgoing") {
        for source in workspace.sources(member) {
            for line in shipped_lines(&source) {
                let makes = ["Client::builder()", "ClientBuilder::new()", "reqwest::get("];
                let by_itself = makes.iter().any(|make| line.contains(make))
                    || line.contains("reqwest::Client::new()");
                assert!(!by_itself, "{}: {line}", source.display());
            }
        }
    }
}
