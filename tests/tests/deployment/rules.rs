//! What holds for the manifests of every overlay. Each rule says what is wrong, so that a test can plant it.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Agent, names};
use identities::Identity;
use serde_json::{Value, json};

use crate::manifests::{Manifests, container, list, name, pod, selects, template, text};
use crate::processes;

/// Secrets with the names of their files, as `scripts/kubernetes` makes them.
pub(crate) type Secrets = BTreeMap<String, BTreeSet<String>>;

/// Everything that is wrong with the manifests.
pub(crate) fn findings(manifests: &Manifests, secrets: &Secrets) -> Vec<String> {
    let mut found = processes_are_there(manifests);
    found.extend(pods_have_no_rights(manifests));
    found.extend(processes_are_asked(manifests));
    found.extend(ports_exist(manifests));
    found.extend(what_is_referred_to_exists(manifests, secrets));
    found.extend(files_exist(manifests, secrets));
    found.extend(traffic_is_named(manifests));
    found.extend(queues_scale(manifests));
    found.extend(disruptions_are_bounded(manifests));
    found
}

/// A line where something does not hold.
fn unless(holds: bool, line: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(line)
}

fn processes_are_there(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    let expected: BTreeSet<String> = processes().map(str::to_owned).collect();
    let deployed = manifests.names("Deployment");
    found.extend(unless(deployed == expected, || {
        format!("deployments are {deployed:?}, expected {expected:?}")
    }));
    found.extend(unless(manifests.names("Job") == BTreeSet::from(["set-up".to_owned()]), || {
        "there is no job that makes streams".to_owned()
    }));
    for workload in manifests.workloads() {
        let (own, labels) = (name(workload), &template(workload)["metadata"]["labels"]);
        let program = if own == "set-up" { "tier0" } else { own };
        let image = text(&container(workload)["image"]);
        let repository =
            image.rsplit_once(':').map_or(image.as_str(), |(repository, _)| repository);
        found.extend(unless(repository.ends_with(&format!("tier0/{program}")), || {
            format!("{own} runs {image}")
        }));
        found.extend(unless(image.contains(':'), || format!("{own}: no tag in {image}")));
        found.extend(unless(labels["app.kubernetes.io/name"] == own, || {
            format!("{own} has the labels {labels}")
        }));
        let selector = &workload["spec"]["selector"];
        found.extend(unless(selector.is_null() || selects(selector, labels), || {
            format!("{own} selects other pods")
        }));
        let account = text(&pod(workload)["serviceAccountName"]);
        let mounts = manifests
            .find("ServiceAccount", &account)
            .map(|one| &one["automountServiceAccountToken"]);
        found.extend(unless(account == own && mounts == Some(&json!(false)), || {
            format!("{own} has the service account {account}, which gives a token")
        }));
    }
    found
}

fn pods_have_no_rights(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    for workload in manifests.workloads() {
        let (own, pod, container) = (name(workload), pod(workload), container(workload));
        let security = &container["securityContext"];
        let expected = [
            (&pod["securityContext"]["runAsNonRoot"], json!(true)),
            (&pod["securityContext"]["runAsUser"], json!(65532)),
            (&pod["securityContext"]["fsGroup"], json!(65532)),
            (&pod["securityContext"]["seccompProfile"]["type"], json!("RuntimeDefault")),
            (&pod["automountServiceAccountToken"], json!(false)),
            (&pod["enableServiceLinks"], json!(false)),
            (&security["runAsNonRoot"], json!(true)),
            (&security["readOnlyRootFilesystem"], json!(true)),
            (&security["allowPrivilegeEscalation"], json!(false)),
            (&security["privileged"], json!(false)),
            (&security["capabilities"], json!({"drop": ["ALL"]})),
            (&security["seccompProfile"]["type"], json!("RuntimeDefault")),
        ];
        for (value, right) in expected {
            found.extend(unless(*value == right, || {
                format!("{own} has {value} where {right} is expected")
            }));
        }
        found.extend(unless(list(&pod["containers"]).len() == 1, || {
            format!("{own} has other containers")
        }));
        for key in ["hostNetwork", "hostPID", "hostIPC", "initContainers"] {
            found.extend(unless(pod[key].is_null(), || format!("{own} has {key}")));
        }
        for volume in list(&pod["volumes"]) {
            let bounded =
                volume["emptyDir"].is_null() || volume["emptyDir"]["sizeLimit"].is_string();
            found.extend(unless(bounded, || format!("{own}: no size limit of {}", volume["name"])));
            found
                .extend(unless(volume["hostPath"].is_null(), || format!("{own} sees its machine")));
            let mode = &volume["secret"]["defaultMode"];
            found.extend(unless(volume["secret"].is_null() || *mode == 0o400, || {
                format!("{own}: an open secret")
            }));
        }
        let resources = &container["resources"];
        let said = ["cpu", "memory", "ephemeral-storage"]
            .iter()
            .all(|key| resources["requests"][key].is_string())
            && ["memory", "ephemeral-storage"]
                .iter()
                .all(|key| resources["limits"][key].is_string());
        found.extend(unless(said, || format!("{own} has no requests or limits")));
    }
    found
}

/// Probes ask the process's own routes; it has time to end; replicas keep apart.
fn processes_are_asked(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    for deployment in manifests.kind("Deployment") {
        let (own, container) = (name(deployment), container(deployment));
        for (probe, path) in [
            ("startupProbe", "/healthz"),
            ("readinessProbe", "/readyz"),
            ("livenessProbe", "/healthz"),
        ] {
            let asked = &container[probe]["httpGet"];
            let right = asked["path"] == path && asked["port"] == "metrics";
            found.extend(unless(right, || format!("{own}: its {probe} asks {asked}")));
        }
        let environment = manifests.environment(deployment);
        let number = |key: &str, default: f64| -> f64 {
            environment.get(key).map_or(default, |value| value.parse().unwrap())
        };
        // What a process takes from SIGTERM to its end, and a reserve.
        let needs = number("TIER0__STAGE__DRAIN_SECONDS", 20.0)
            + number("TIER0_MODEL_SERVER__SERVING__LEAVE_MILLISECONDS", 0.0) / 1000.0
            + 10.0;
        let given = pod(deployment)["terminationGracePeriodSeconds"].as_f64().unwrap_or(30.0);
        found.extend(unless(given >= needs, || {
            format!("{own} has {given} s to end, and needs {needs} s")
        }));
        let spread: BTreeSet<String> = list(&pod(deployment)["topologySpreadConstraints"])
            .iter()
            .filter(|one| {
                selects(&one["labelSelector"], &template(deployment)["metadata"]["labels"])
                    && list(&one["matchLabelKeys"]).contains(&json!("app.kubernetes.io/name"))
            })
            .map(|one| text(&one["topologyKey"]))
            .collect();
        let keys = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(str::to_owned);
        found.extend(unless(spread == BTreeSet::from(keys), || format!("{own} is not spread")));
    }
    found
}

/// The ports that a workload's container names.
fn port_names(workload: &Value) -> BTreeSet<String> {
    list(&container(workload)["ports"]).iter().map(|port| text(&port["name"])).collect()
}

fn ports_exist(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    for deployment in manifests.kind("Deployment") {
        // What is told to listen is what the container says.
        let listens: BTreeSet<String> = manifests
            .environment(deployment)
            .iter()
            .filter(|(key, _)| key.ends_with("LISTEN"))
            .filter_map(|(_, address)| Some(address.rsplit_once(':')?.1.to_owned()))
            .collect();
        let ports: BTreeSet<String> = list(&container(deployment)["ports"])
            .iter()
            .map(|port| text(&port["containerPort"]))
            .collect();
        found.extend(unless(listens == ports, || {
            format!("{}: ports {ports:?}, listens on {listens:?}", name(deployment))
        }));
    }
    for service in manifests.kind("Service") {
        let selector = json!({"matchLabels": service["spec"]["selector"]});
        let of: Vec<&Value> = manifests
            .kind("Deployment")
            .filter(|one| selects(&selector, &template(one)["metadata"]["labels"]))
            .collect();
        found.extend(unless(!of.is_empty(), || format!("service {} has no pods", name(service))));
        for port in list(&service["spec"]["ports"]) {
            let target = text(&port["targetPort"]);
            let there = of.iter().all(|one| port_names(one).contains(&target));
            found.extend(unless(there, || format!("service {}: no port {target}", name(service))));
        }
    }
    for policy in manifests.kind("NetworkPolicy") {
        let of: Vec<&Value> = manifests
            .workloads()
            .filter(|one| {
                selects(&policy["spec"]["podSelector"], &template(one)["metadata"]["labels"])
            })
            .collect();
        for port in list(&policy["spec"]["ingress"]).iter().flat_map(|rule| list(&rule["ports"])) {
            let Some(named) = port["port"].as_str() else { continue };
            let there = of.iter().any(|one| port_names(one).contains(named));
            found.extend(unless(there, || format!("policy {}: no port {named}", name(policy))));
        }
    }
    for monitor in manifests.kind("ServiceMonitor") {
        let scraped: BTreeSet<String> = manifests
            .kind("Service")
            .filter(|service| selects(&monitor["spec"]["selector"], &service["metadata"]["labels"]))
            .filter(|service| {
                list(&service["spec"]["ports"])
                    .iter()
                    .any(|port| port["name"] == monitor["spec"]["endpoints"][0]["port"])
            })
            .map(|service| text(&service["spec"]["selector"]["app.kubernetes.io/name"]))
            .collect();
        let expected: BTreeSet<String> = processes().map(str::to_owned).collect();
        found.extend(unless(scraped == expected, || format!("scraped are {scraped:?}")));
    }
    found
}

fn what_is_referred_to_exists(manifests: &Manifests, secrets: &Secrets) -> Vec<String> {
    let mut found = Vec::new();
    let maps = manifests.names("ConfigMap");
    let claims = manifests.names("PersistentVolumeClaim");
    for workload in manifests.workloads() {
        let own = name(workload);
        let mut keys = BTreeSet::new();
        for from in list(&container(workload)["envFrom"]) {
            let map = text(&from["configMapRef"]["name"]);
            found.extend(unless(maps.contains(&map), || format!("{own}: no ConfigMap {map}")));
        }
        for volume in list(&pod(workload)["volumes"]) {
            let mut named: Vec<String> = list(&volume["projected"]["sources"])
                .iter()
                .map(|source| text(&source["secret"]["name"]))
                .collect();
            named.extend(volume["secret"]["secretName"].as_str().map(str::to_owned));
            for secret in named {
                found.extend(unless(secrets.contains_key(&secret), || {
                    format!("{own}: nothing makes the secret {secret}")
                }));
                keys.extend(secret.strip_prefix("nkey-").map(str::to_owned));
            }
            if let Some(map) = volume["configMap"]["name"].as_str() {
                found.extend(unless(maps.contains(map), || format!("{own}: no ConfigMap {map}")));
            }
            if let Some(claim) = volume["persistentVolumeClaim"]["claimName"].as_str() {
                found.extend(unless(claims.contains(claim), || format!("{own}: no claim {claim}")));
            }
        }
        let right = keys == BTreeSet::from([own.to_owned()]) && own.parse::<Identity>().is_ok();
        found.extend(unless(right, || format!("{own} has the keys of {keys:?}")));
    }
    for monitor in manifests.kind("ServiceMonitor") {
        let secret = &monitor["spec"]["endpoints"][0]["authorization"]["credentials"];
        let made = secrets
            .get(&text(&secret["name"]))
            .is_some_and(|keys| keys.contains(&text(&secret["key"])));
        found.extend(unless(made, || format!("Prometheus: nothing makes the secret {secret}")));
    }
    found
}

/// The files of a volume by name; `None` where the volume holds what is not known here.
fn files(manifests: &Manifests, secrets: &Secrets, volume: &Value) -> Option<BTreeSet<String>> {
    if let Some(secret) = volume["secret"]["secretName"].as_str() {
        return Some(secrets.get(secret).cloned().unwrap_or_default());
    }
    if let Some(map) = volume["configMap"]["name"].as_str() {
        let data = manifests.find("ConfigMap", map).and_then(|map| map["data"].as_object());
        return Some(data.into_iter().flatten().map(|(key, _)| key.clone()).collect());
    }
    let sources = volume["projected"]["sources"].as_array()?;
    let mut names = BTreeSet::new();
    for source in sources {
        let of = secrets.get(&text(&source["secret"]["name"]));
        for item in list(&source["secret"]["items"]) {
            let made = of.is_some_and(|keys| keys.contains(&text(&item["key"])));
            names.extend(made.then(|| text(&item["path"])));
        }
    }
    Some(names)
}

/// Every path of the configuration is one of a file or directory that the pod mounts.
fn files_exist(manifests: &Manifests, secrets: &Secrets) -> Vec<String> {
    let mut found = Vec::new();
    for workload in manifests.workloads() {
        for (key, value) in manifests.environment(workload) {
            let path = value.trim_start_matches("[\"").trim_end_matches("\"]");
            if !path.starts_with('/') {
                continue;
            }
            let mount = list(&container(workload)["volumeMounts"])
                .iter()
                .find(|mount| path.starts_with(mount["mountPath"].as_str().unwrap()));
            let volume = mount.and_then(|mount| {
                list(&pod(workload)["volumes"])
                    .iter()
                    .find(|volume| volume["name"] == mount["name"])
            });
            let there = volume.is_some_and(|volume| match files(manifests, secrets, volume) {
                Some(files) => path.rsplit('/').next().is_some_and(|file| files.contains(file)),
                None => true,
            });
            found.extend(unless(there, || {
                format!("{}: {key} names {path}, which is not there", name(workload))
            }));
        }
    }
    found
}

/// Policies that select a workload and speak of a direction.
fn policies<'a>(
    manifests: &'a Manifests,
    workload: &'a Value,
    direction: &'a str,
) -> impl Iterator<Item = &'a Value> {
    manifests.kind("NetworkPolicy").filter(move |policy| {
        list(&policy["spec"]["policyTypes"]).contains(&json!(direction))
            && selects(&policy["spec"]["podSelector"], &template(workload)["metadata"]["labels"])
    })
}

fn traffic_is_named(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    for policy in manifests.kind("NetworkPolicy") {
        for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
            for rule in list(&policy["spec"][rules]) {
                let named = !list(&rule[peers]).is_empty() && !list(&rule["ports"]).is_empty();
                let anyone = list(&rule[peers]).iter().any(|peer| {
                    peer["namespaceSelector"] == json!({}) || peer["podSelector"] == json!({})
                });
                found.extend(unless(named && !anyone, || {
                    format!("policy {} lets anything pass", name(policy))
                }));
            }
        }
    }
    for workload in manifests.workloads() {
        let own = name(workload);
        for direction in ["Ingress", "Egress"] {
            let refused = policies(manifests, workload, direction)
                .any(|policy| policy["spec"]["podSelector"] == json!({}));
            found.extend(unless(refused, || format!("{own}: {direction} is open by default")));
        }
        let reaches = |port: u64| {
            policies(manifests, workload, "Egress")
                .flat_map(|policy| list(&policy["spec"]["egress"]))
                .any(|rule| list(&rule["ports"]).iter().any(|one| one["port"] == port))
        };
        for port in [53, 4222, 8222] {
            found.extend(unless(reaches(port), || format!("{own} does not reach port {port}")));
        }
        let may_serve = ["model-deployer", "orchestrator"].contains(&own);
        found.extend(unless(reaches(8000) == may_serve, || format!("{own} and the model servers")));
        // A port that a service offers is open to someone, and metrics are where they are scraped.
        let open: BTreeSet<String> = policies(manifests, workload, "Ingress")
            .flat_map(|policy| list(&policy["spec"]["ingress"]))
            .flat_map(|rule| list(&rule["ports"]))
            .map(|port| text(&port["port"]))
            .collect();
        let mut named = port_names(workload);
        if manifests.kind("ServiceMonitor").next().is_none() {
            named.remove("metrics");
        }
        let expected: BTreeSet<String> = named.into_iter().collect();
        let open: BTreeSet<String> = if own == "set-up" { BTreeSet::new() } else { open };
        found.extend(unless(open == expected, || {
            format!("{own}: open are {open:?}, expected {expected:?}")
        }));
    }
    found
}

/// The durable consumers that an agent takes from, with their streams.
pub(crate) fn consumers(agent: Agent) -> BTreeSet<(String, String)> {
    let of = |consumer: &str| {
        consumer
            .strip_prefix(agent.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    names::consumers()
        .filter(|(_, consumer)| of(consumer))
        .map(|(stream, consumer)| (stream.to_owned(), consumer))
        .collect()
}

fn queues_scale(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    if manifests.kind("ScaledObject").next().is_none() {
        return found;
    }
    for agent in Agent::ALL {
        let Some(scaled) = manifests.find("ScaledObject", agent.as_str()) else {
            found.push(format!("the replicas of {agent} do not follow its queues"));
            continue;
        };
        let spec = &scaled["spec"];
        let (least, most) = (spec["minReplicaCount"].as_u64(), spec["maxReplicaCount"].as_u64());
        let bounded = least.is_some_and(|least| least >= 1)
            && most > least
            && spec["cooldownPeriod"].is_u64();
        found.extend(unless(bounded, || format!("{agent}: from {least:?} to {most:?} replicas")));
        let target = spec["scaleTargetRef"]["name"]
            .as_str()
            .and_then(|target| manifests.find("Deployment", target));
        let right = target.is_some_and(|target| {
            name(target) == agent.as_str() && target["spec"]["replicas"].is_null()
        });
        found.extend(unless(right, || {
            format!("{agent}: another target, or one with a number of its own")
        }));
        let mut asked = BTreeSet::new();
        for trigger in list(&spec["triggers"]) {
            let about = &trigger["metadata"];
            let right = trigger["type"] == "nats-jetstream"
                && about["account"] == identities::ACCOUNT
                && about["lagThreshold"]
                    .as_str()
                    .is_some_and(|lag| lag.parse::<u32>().is_ok_and(|lag| lag > 0));
            found.extend(unless(right, || format!("{agent}: a trigger {trigger}")));
            asked.insert((text(&about["stream"]), text(&about["consumer"])));
        }
        let expected = consumers(agent);
        found.extend(unless(asked == expected, || {
            format!("{agent}: asked are {asked:?}, expected {expected:?}")
        }));
    }
    let others: Vec<String> = manifests
        .names("ScaledObject")
        .into_iter()
        .filter(|name| name.parse::<Agent>().is_err())
        .collect();
    found.extend(unless(others.is_empty(), || format!("no agents: {others:?}")));
    found
}

fn disruptions_are_bounded(manifests: &Manifests) -> Vec<String> {
    let mut found = Vec::new();
    for deployment in manifests.kind("Deployment") {
        let labels = &template(deployment)["metadata"]["labels"];
        let budget = manifests
            .kind("PodDisruptionBudget")
            .filter(|budget| selects(&budget["spec"]["selector"], labels))
            .map(|budget| &budget["spec"]["maxUnavailable"])
            .collect::<Vec<_>>();
        found.extend(unless(budget == [&json!(1)], || {
            format!("{}: disrupted by {budget:?}", name(deployment))
        }));
    }
    found
}
