//! Grafana's own classes know every member of the dashboards.

use tier0_tests::Python;

const SCRIPT: &str = r#"
import json, pathlib, sys
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

plugins.register_default_plugins()


def lost(given, kept, place=""):
    """What the classes do not have, or have otherwise."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            yield from lost(value, kept[name], f"{place}/{name}") if name in kept else [f"{place}/{name}"]
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for index, pair in enumerate(zip(given, kept)):
            yield from lost(*pair, f"{place}/{index}")
    elif given != kept:
        yield f"{place}: {given!r} is {kept!r}"


panels = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    given = json.loads(path.read_text())
    read = Dashboard.from_json(given)
    kept = json.loads(JSONEncoder().encode(read))
    problems = list(lost(given, kept))
    assert not problems, (path.name, problems)
    panels += len(read.panels)
    # A member that Grafana does not know is found.
    given["panels"][0]["fieldConfig"]["defaults"]["unitt"] = "s"
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(given)))
    assert list(lost(given, kept)) == ["/panels/0/fieldConfig/defaults/unitt"], path.name
print(panels)
"#;

#[tokio::test]
async fn grafana_knows_every_member_of_the_dashboards() {
    let Some(python) = Python::with(&["grafana_foundation_sdk"]).await else { return };
    let dashboards = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/grafana/dashboards");
    let read = python.run(SCRIPT, &[dashboards]).await.success();
    let panels: usize = read.stdout.trim().parse().unwrap();
    assert!(panels >= 46, "{panels}");
}
