//! Images, as `scripts/image` assembles them out of directories: without rights, with their papers, the same each time.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tier0_tests::{Python, program};

use crate::{repository, succeed};

/// Where the bill of materials is in an image.
const SBOM: &str = "usr/share/doc/tier0/sbom.cdx.json";

fn write(path: PathBuf, bytes: &[u8], mode: u32) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Two layers: what images share, and a program with its bill of materials; gives their directories.
fn layers(below: &Path, sbom: &str) -> [PathBuf; 2] {
    let (common, own) = (below.join("common"), below.join("own"));
    write(common.join("etc/passwd"), b"tier0:x:65532:65532:tier0:/:/nonexistent\n", 0o664);
    std::fs::create_dir_all(common.join("tmp")).unwrap();
    std::fs::create_dir_all(own.join("spill")).unwrap();
    write(own.join("program"), b"program", 0o700);
    write(own.join(SBOM), sbom.as_bytes(), 0o600);
    [common, own]
}

fn build(layers: &[PathBuf], out: &Path) -> String {
    let mut command = Command::new(repository("scripts/image"));
    command.args([
        "build",
        "model-server",
        "--kind",
        "process",
        "--version",
        "0.1.0",
        "--revision",
        "abc",
        "--epoch",
        "1700000000",
    ]);
    for layer in layers {
        command.arg("--layer").arg(layer);
    }
    succeed(command.arg("--out").arg(out))
}

/// What `scripts/image check` says of an archive: its answer, and what it complains of.
fn check(archive: &Path, profile: &str) -> (bool, Value, String) {
    let mut command = Command::new(repository("scripts/image"));
    let output = command.arg("check").arg(archive).args(["--profile", profile]).output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.success(), answer, String::from_utf8(output.stderr).unwrap())
}

/// A file of an archive.
fn member(archive: &Path, name: &str) -> Vec<u8> {
    let output = Command::new("tar").arg("-xOf").arg(archive).arg(name).output().unwrap();
    assert!(output.status.success(), "{name}");
    output.stdout
}

const NOTHING: &str = r#"{"bomFormat": "CycloneDX", "components": []}"#;

#[test]
fn the_same_files_are_the_same_image_whenever_they_were_written() {
    let [first, second, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let archive = |directory: &Path| directory.join("image.tar");
    let one = build(&layers(first.path(), NOTHING), &archive(first.path()));
    // Written later, by someone with another umask.
    let again = layers(second.path(), NOTHING);
    std::fs::set_permissions(again[1].join("program"), std::fs::Permissions::from_mode(0o775))
        .unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::open(again[1].join("program")).unwrap().set_modified(long_ago).unwrap();
    let two = build(&again, &archive(second.path()));
    assert_eq!(one, two);
    let read = |directory: &Path| std::fs::read(archive(directory)).unwrap();
    assert!(read(first.path()) == read(second.path()), "the archives differ");
    let changed = layers(other.path(), NOTHING);
    write(changed[1].join("program"), b"progrbm", 0o755);
    assert_ne!(build(&changed, &archive(other.path())), one);
}

#[test]
fn an_image_runs_without_rights_and_says_what_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("image.tar");
    let digest = build(&layers(directory.path(), NOTHING), &archive);
    let docker: Value = serde_json::from_slice(&member(&archive, "manifest.json")).unwrap();
    assert_eq!(docker[0]["RepoTags"], json!(["tier0/model-server:dev"]));
    let config: Value =
        serde_json::from_slice(&member(&archive, docker[0]["Config"].as_str().unwrap())).unwrap();
    assert_eq!(config["config"]["User"], "65532:65532");
    assert_eq!(config["config"]["Entrypoint"], json!(["/program"]));
    assert_eq!(config["config"]["Healthcheck"]["Test"], json!(["CMD", "/program", "health"]));
    assert_eq!(config["created"], "2023-11-14T22:13:20Z");
    let labels = &config["config"]["Labels"];
    for (label, expected) in [
        ("title", "tier0/model-server"),
        ("version", "0.1.0"),
        ("revision", "abc"),
        ("licenses", "Apache-2.0"),
    ] {
        assert_eq!(labels[format!("org.opencontainers.image.{label}")], expected);
    }
    let (right, answer, told) = check(&archive, "release");
    assert!(right, "{told}");
    assert_eq!(answer["images"]["model-server"]["digest"], digest.trim());
    let own = directory.path().join("own.tar");
    std::fs::write(&own, member(&archive, docker[0]["Layers"][1].as_str().unwrap())).unwrap();
    let listed = succeed(Command::new("tar").args(["--numeric-owner", "-tvf"]).arg(&own));
    let line = |name: &str| {
        listed
            .lines()
            .find(|line| line.ends_with(name))
            .unwrap_or_else(|| panic!("{listed}"))
            .to_owned()
    };
    assert!(line("program").starts_with("-rwxr-xr-x 0/0"), "{listed}");
    assert!(line("spill/").starts_with("drwxr-xr-x 65532/65532"), "{listed}");
}

#[test]
fn an_image_that_is_too_large_or_without_papers_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("image.tar");
    let megabytes = |count: usize| vec![7; count * 1024 * 1024];
    let mut stage = layers(directory.path(), NOTHING).to_vec();
    write(stage[1].join("program"), &megabytes(61), 0o755);
    build(&stage, &archive);
    let (right, _, told) = check(&archive, "dev");
    assert!(!right && told.contains("an image may have 60 MiB"), "{told}");
    // With the engine of tables it may be larger.
    let tables = r#"{"components": [{"name": "parquet"}]}"#;
    write(stage[1].join(SBOM), tables.as_bytes(), 0o644);
    build(&stage, &archive);
    assert!(check(&archive, "dev").0);
    write(stage[1].join("program"), &megabytes(101), 0o755);
    build(&stage, &archive);
    let (right, _, told) = check(&archive, "dev");
    assert!(!right && told.contains("an image with tables may have 100 MiB"), "{told}");
    std::fs::remove_file(stage[1].join(SBOM)).unwrap();
    write(stage[1].join("program"), b"program", 0o755);
    // All images together are bounded in the profile that is shipped.
    for part in 0..3 {
        let more = directory.path().join(format!("part{part}"));
        write(more.join(format!("file{part}")), &megabytes(85), 0o644);
        stage.push(more);
    }
    build(&stage, &archive);
    let (right, _, told) = check(&archive, "release");
    assert!(
        !right && told.contains("no bill of materials") && told.contains("unique layers"),
        "{told}"
    );
    assert!(!check(&archive, "dev").2.contains("error: 255"), "told, and no error");
}

#[tokio::test]
async fn a_bill_of_materials_has_the_form_of_cyclone_dx() {
    let Some(python) = Python::of("deployment", &["cyclonedx.validation.json"]).await else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    // A library that the machine's package manager knows, where it has one.
    let linked = succeed(Command::new("ldd").arg(program("model-server")));
    let library = linked
        .split_whitespace()
        .find(|word| word.starts_with('/') && word.contains("libc.so"))
        .unwrap();
    write(root.join(library.trim_start_matches('/')), &std::fs::read(library).unwrap(), 0o755);
    let sbom = || {
        let mut command = Command::new(repository("scripts/sbom"));
        succeed(command.args(["model-server", "--version", "0.1.0", "--root"]).arg(&root))
    };
    let text = sbom();
    assert_eq!(text, sbom(), "the same program has the same bill");
    let document: Value = serde_json::from_str(&text).unwrap();
    let components = document["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|one| one["name"] == name);
    let tokio = named("tokio").expect("the program is linked with tokio");
    assert_eq!(tokio["licenses"][0]["expression"], "MIT");
    assert!(named("proptest").is_none(), "what tests need is in no image");
    let script = "import sys, cyclonedx.schema, cyclonedx.validation.json as json\n\
                  wrong = json.JsonStrictValidator(cyclonedx.schema.SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())\n\
                  sys.exit(None if wrong is None else str(wrong))";
    let file = directory.path().join("sbom.json");
    let tried = |text: &str| std::fs::write(&file, text).unwrap();
    tried(&text);
    python.run(script, &[file.to_str().unwrap()]).await.success();
    tried(&text.replacen("\"type\": \"library\"", "\"type\": \"book\"", 1));
    assert_ne!(
        python.run(script, &[file.to_str().unwrap()]).await.code(),
        0,
        "a planted fault is found"
    );
}
