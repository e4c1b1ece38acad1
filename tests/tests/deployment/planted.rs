//! Faults that are planted into the manifests of production, each of which the rules have to find.

use serde_json::{Value, json};

use crate::kubernetes::Made;
use crate::manifests::{Manifests, name};
use crate::rules::findings;

/// Changes a manifest, which the rules have to notice.
struct Planted {
    what: &'static str,
    kind: &'static str,
    named: &'static str,
    /// The member, as a pointer, and what it is made.
    change: (&'static str, Value),
    /// A part of the finding.
    finding: &'static str,
}

/// The container of a workload, as a pointer.
pub(crate) const CONTAINER: &str = "/spec/template/spec/containers/0";

#[test]
fn what_is_planted_is_found() {
    let Some(manifests) = Manifests::of("production") else { return };
    let made = Made::new();
    let planted = |what, kind, named, pointer, value, finding| Planted {
        what,
        kind,
        named,
        change: (pointer, value),
        finding,
    };
    let of = |part: &str| -> &'static str { format!("{CONTAINER}{part}").leak() };
    let trainer = "model-trainer";
    let all = [
        planted(
            "an agent is missing",
            "Deployment",
            trainer,
            "/metadata/name",
            json!("trainer"),
            "deployments are",
        ),
        planted(
            "another image",
            "Deployment",
            trainer,
            of("/image"),
            json!("tier0/model-selector:1"),
            "runs tier0/model-selector",
        ),
        planted(
            "no tag",
            "Deployment",
            trainer,
            of("/image"),
            json!("tier0/model-trainer"),
            "no tag",
        ),
        planted(
            "root",
            "Deployment",
            trainer,
            of("/securityContext/runAsNonRoot"),
            json!(false),
            "where true is expected",
        ),
        planted(
            "a capability",
            "Deployment",
            trainer,
            of("/securityContext/capabilities"),
            json!({"drop": []}),
            "where",
        ),
        planted(
            "a token",
            "ServiceAccount",
            trainer,
            "/automountServiceAccountToken",
            json!(true),
            "gives a token",
        ),
        planted(
            "no limit",
            "Deployment",
            trainer,
            of("/resources/limits"),
            json!({}),
            "no requests or limits",
        ),
        planted(
            "an unbounded directory",
            "Deployment",
            "data-preparer",
            "/spec/template/spec/volumes/0/emptyDir",
            json!({}),
            "no size limit",
        ),
        planted(
            "another route",
            "Deployment",
            trainer,
            of("/readinessProbe/httpGet/path"),
            json!("/ready"),
            "readinessProbe",
        ),
        planted(
            "no time to end",
            "Deployment",
            trainer,
            "/spec/template/spec/terminationGracePeriodSeconds",
            json!(10),
            "10 s to end",
        ),
        planted(
            "no spread",
            "Deployment",
            trainer,
            "/spec/template/spec/topologySpreadConstraints",
            json!([]),
            "is not spread",
        ),
        planted(
            "another port",
            "Deployment",
            trainer,
            of("/ports/0/containerPort"),
            json!(9091),
            "listens on",
        ),
        planted(
            "a port without a name",
            "Service",
            "model-server",
            "/spec/ports/0/targetPort",
            json!("http"),
            "no port http",
        ),
        planted(
            "a service without pods",
            "Service",
            "orchestrator",
            "/spec/selector",
            json!({"app.kubernetes.io/name": "api"}),
            "has no pods",
        ),
        planted(
            "nothing is scraped",
            "ServiceMonitor",
            "tier0",
            "/spec/endpoints/0/port",
            json!("http"),
            "scraped are",
        ),
        planted(
            "another's key",
            "Deployment",
            trainer,
            "/spec/template/spec/volumes/2/secret/secretName",
            json!("nkey-orchestrator"),
            "has the keys of",
        ),
        planted(
            "a secret that nothing makes",
            "ServiceMonitor",
            "tier0",
            "/spec/endpoints/0/authorization/credentials/key",
            json!("bearer"),
            "nothing makes the secret",
        ),
        planted(
            "a file that is not there",
            "Deployment",
            "orchestrator",
            of("/volumeMounts"),
            json!([]),
            "which is not there",
        ),
        planted(
            "open by default",
            "NetworkPolicy",
            "nothing",
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "open by default",
        ),
        planted(
            "anyone may come",
            "NetworkPolicy",
            "model-server",
            "/spec/ingress/0/from",
            json!([]),
            "lets anything pass",
        ),
        planted(
            "no broker",
            "NetworkPolicy",
            "to-broker",
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "does not reach port 4222",
        ),
        planted(
            "a closed listener",
            "NetworkPolicy",
            "orchestrator",
            "/spec/ingress",
            json!([]),
            "open are",
        ),
        planted(
            "a queue that nothing has",
            "ScaledObject",
            trainer,
            "/spec/triggers/0/metadata/consumer",
            json!("trainer"),
            "asked are",
        ),
        planted("no bound", "ScaledObject", trainer, "/spec/maxReplicaCount", json!(1), "replicas"),
        planted(
            "a number of its own",
            "Deployment",
            trainer,
            "/spec/replicas",
            json!(1),
            "number of its own",
        ),
        planted(
            "no budget",
            "PodDisruptionBudget",
            trainer,
            "/spec/maxUnavailable",
            json!(0),
            "disrupted by",
        ),
    ];
    for one in all {
        let mut changed = manifests.clone();
        let document = changed
            .0
            .iter_mut()
            .find(|document| document["kind"] == one.kind && name(document) == one.named);
        let (pointer, value) = one.change;
        let document = document.unwrap();
        match document.pointer_mut(pointer) {
            Some(member) => *member = value,
            None => {
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                document.pointer_mut(parent).unwrap()[key] = value;
            }
        }
        let found = findings(&changed, &made.secrets);
        assert!(found.iter().any(|line| line.contains(one.finding)), "{}: {found:#?}", one.what);
    }
}
