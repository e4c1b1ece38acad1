use contracts::v1::ModelStage;
use registry::{CHAMPION, Error, ExpectedAlias, TagChange};
use tier0_tests::Broker;

use crate::models::{parts, run};

async fn with_versions(count: u32) -> Broker {
    let broker = Broker::start().await;
    for number in 1..=count {
        broker.registry.register(parts('a'), &run(&format!("run-{number}"))).await.unwrap();
    }
    broker
}

#[tokio::test]
async fn an_alias_is_moved_by_who_knows_where_it_was() {
    let broker = with_versions(3).await;
    let registry = &broker.registry;
    let set = async |version, expected| {
        registry.set_alias("churn", "best", version, expected, "ana", "better").await
    };
    assert_eq!(set(1, ExpectedAlias::Nothing).await.unwrap().aliases["best"], 1);
    let taken = set(2, ExpectedAlias::Nothing).await.unwrap_err();
    assert!(matches!(taken, Error::AliasMoved { found: 1, expected: 0, .. }), "{taken}");
    assert_eq!(set(2, ExpectedAlias::Version(1)).await.unwrap().aliases["best"], 2);
    let late = set(3, ExpectedAlias::Version(1)).await.unwrap_err();
    assert_eq!(late.to_string(), "alias `best` of `churn` names version 2, not version 1");
    assert_eq!(set(3, ExpectedAlias::Anything).await.unwrap().aliases["best"], 3);
    assert_eq!(registry.resolve("churn", "best").await.unwrap(), 3);
    assert_eq!(registry.resolve("churn", "v2").await.unwrap(), 2);
    assert_eq!(registry.resolve("churn", "latest").await.unwrap(), 3);

    let missing = set(9, ExpectedAlias::Anything).await.unwrap_err();
    assert!(matches!(missing, Error::UnknownVersion { version: 9, .. }));
    let unknown = registry.resolve("churn", "worst").await.unwrap_err();
    assert_eq!(unknown.to_string(), "model `churn` has no alias `worst`; it has best");
    for name in ["champion", "production", "v3", "3", "latest", "a b"] {
        let refused = registry
            .set_alias("churn", name, 1, ExpectedAlias::Anything, "ana", "")
            .await
            .unwrap_err();
        assert_eq!(refused.code(), "invalid_alias", "{name}");
    }
    let kept = registry.remove_alias("churn", "best", ExpectedAlias::Version(1), "ana", "").await;
    assert!(matches!(kept, Err(Error::AliasMoved { found: 3, .. })));
    let without =
        registry.remove_alias("churn", "best", ExpectedAlias::Version(3), "ana", "").await;
    assert!(without.unwrap().aliases.is_empty());
    let gone = registry.remove_alias("churn", "best", ExpectedAlias::Anything, "ana", "").await;
    assert!(matches!(gone, Err(Error::UnknownAlias { .. })));
}

#[tokio::test]
async fn of_many_who_move_an_alias_from_one_version_one_does() {
    let broker = with_versions(9).await;
    let registry = &broker.registry;
    registry.set_alias("churn", "best", 1, ExpectedAlias::Nothing, "ana", "").await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for version in 2..=9 {
        let registry = registry.clone();
        tasks.spawn(async move {
            registry.set_alias("churn", "best", version, ExpectedAlias::Version(1), "x", "").await
        });
    }
    let (mut moved, mut refused) = (Vec::new(), 0);
    for outcome in tasks.join_all().await {
        match outcome {
            Ok(model) => moved.push(model.aliases["best"]),
            Err(Error::AliasMoved { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((moved.len(), refused), (1, 7));
    assert_eq!(registry.resolve("churn", "best").await.unwrap(), moved[0]);
}

#[tokio::test]
async fn the_champion_is_the_version_in_production() {
    let broker = with_versions(2).await;
    let registry = &broker.registry;
    for version in [1, 2] {
        for stage in [ModelStage::Staging, ModelStage::Production] {
            registry.transition("churn", version, stage, "deployer", "checked").await.unwrap();
        }
        assert_eq!(registry.resolve("churn", CHAMPION).await.unwrap(), version);
    }
    registry.transition("churn", 2, ModelStage::Archived, "ana", "wrong").await.unwrap();
    let none = registry.resolve("churn", CHAMPION).await.unwrap_err();
    assert!(matches!(none, Error::UnknownAlias { .. }));
}

#[tokio::test]
async fn tags_notes_and_descriptions_are_kept() {
    let broker = with_versions(1).await;
    let registry = &broker.registry;
    let change = TagChange {
        set: [("team".to_owned(), "risk".to_owned()), ("tier".to_owned(), "1".to_owned())].into(),
        remove: Vec::new(),
    };
    registry.tag_version("churn", 1, &change, "ana", "sorted").await.unwrap();
    let change = TagChange {
        set: [("tier".to_owned(), "2".to_owned())].into(),
        remove: vec!["team".to_owned(), "never-there".to_owned()],
    };
    let version = registry.tag_version("churn", 1, &change, "ana", "").await.unwrap();
    assert_eq!(version.tags, [("tier".to_owned(), "2".to_owned())].into());
    let model = registry.tag_model("churn", &change, "ana", "").await.unwrap();
    assert_eq!(model.tags, [("tier".to_owned(), "2".to_owned())].into());

    for text in ["looks good", "and again"] {
        registry.note("churn", 1, text, "ben").await.unwrap();
    }
    registry.describe_version("churn", 1, "with all columns", "ben").await.unwrap();
    registry.describe_model("churn", "who leaves", "ben").await.unwrap();
    let version = registry.version("churn", 1).await.unwrap().unwrap();
    let notes: Vec<(&str, &str)> =
        version.notes.iter().map(|note| (note.text.as_str(), note.by.as_str())).collect();
    assert_eq!(notes, [("looks good", "ben"), ("and again", "ben")]);
    assert_eq!(version.description, "with all columns");
    assert_eq!(registry.model("churn").await.unwrap().unwrap().description, "who leaves");

    let many = TagChange {
        set: (0..=contracts::limits::TAGS).map(|n| (format!("t{n}"), String::new())).collect(),
        remove: Vec::new(),
    };
    let refused = registry.tag_version("churn", 1, &many, "ana", "").await.unwrap_err();
    assert_eq!(refused.code(), "invalid_request");
    let blank = registry.note("churn", 1, "  ", "ana").await.unwrap_err();
    assert_eq!(blank.code(), "invalid_request");
    let unknown = registry.tag_model("other", &change, "ana", "").await.unwrap_err();
    assert_eq!(unknown.code(), "model_not_found");
    assert!(registry.model("other").await.unwrap().is_none());
}

#[tokio::test]
async fn a_version_that_answers_is_not_put_away() {
    let broker = with_versions(2).await;
    let registry = &broker.registry;
    let held = |version| contracts::v1::DeployedVersion {
        model: "churn".to_owned(),
        version,
        bundle: Some(crate::bundle('a')),
        run_id: "run-1".to_owned(),
    };
    registry
        .change("front", "a test", |record| {
            record.live = Some(held(1));
            record.previous = Some(held(2));
            Ok::<_, std::convert::Infallible>(())
        })
        .await
        .unwrap();
    let refused = registry.archive("churn", 1, "ana", "old").await.unwrap_err();
    assert!(matches!(&refused, Error::Answers { endpoints, .. } if *endpoints == ["front"]));
    assert!(registry.archive("churn", 2, "ana", "old").await.is_ok(), "one that answered before");
}
