//! The Open Inference Protocol over gRPC.

use model_server::testing::inference::grpc_inference_service_client::GrpcInferenceServiceClient;
use model_server::testing::inference::infer_parameter::ParameterChoice;
use model_server::testing::inference::model_infer_request::{
    InferInputTensor, InferRequestedOutputTensor,
};
use model_server::testing::inference::{
    InferTensorContents, ModelInferRequest, ModelMetadataRequest, ModelReadyRequest,
    RepositoryIndexRequest, ServerLiveRequest, ServerMetadataRequest, ServerReadyRequest,
};
use serde_json::json;
use tonic::Code;

use crate::support::{Running, close, expected};

fn tensor(name: &str, datatype: &str, contents: InferTensorContents) -> InferInputTensor {
    InferInputTensor {
        name: name.to_owned(),
        datatype: datatype.to_owned(),
        shape: vec![2],
        contents: Some(contents),
        ..InferInputTensor::default()
    }
}

pub(crate) fn typed() -> ModelInferRequest {
    let none = InferTensorContents::default;
    let texts = |texts: [&str; 2]| InferTensorContents {
        bytes_contents: texts.map(|text| text.as_bytes().to_vec()).to_vec(),
        ..none()
    };
    ModelInferRequest {
        model_name: "churn".to_owned(),
        id: "r1".to_owned(),
        inputs: vec![
            tensor(
                "tenure",
                "INT64",
                InferTensorContents { int64_contents: vec![3, 40], ..none() },
            ),
            tensor(
                "charges",
                "FP64",
                InferTensorContents { fp64_contents: vec![20.5, f64::NAN], ..none() },
            ),
            tensor("contract", "BYTES", texts(["month", "unseen"])),
            tensor(
                "active",
                "BOOL",
                InferTensorContents { bool_contents: vec![true, false], ..none() },
            ),
            tensor("joined", "BYTES", texts(["2024-05-01", ""])),
        ],
        ..ModelInferRequest::default()
    }
}

#[tokio::test]
async fn typed_contents_are_predicted() {
    let running = Running::churn().await;
    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    let answer = client.model_infer(typed()).await.unwrap().into_inner();
    assert_eq!((answer.model_version.as_str(), answer.id.as_str()), ("2", "r1"));
    let flagged = |name: &str| answer.parameters[name].parameter_choice.clone();
    assert_eq!(flagged("missing.charges"), Some(ParameterChoice::Int64Param(1)));
    assert_eq!(flagged("unseen.contract"), Some(ParameterChoice::Int64Param(1)));
    let yes = answer.outputs[2].contents.clone().unwrap().fp64_contents;
    close(&json!(yes), expected(2));
    let mut first = typed();
    first.model_version = "1".to_owned();
    let answer = client.model_infer(first).await.unwrap().into_inner();
    close(&json!(answer.outputs[2].contents.clone().unwrap().fp64_contents), expected(1));
}

#[tokio::test]
async fn raw_contents_are_answered_raw() {
    let running = Running::churn().await;
    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    let mut request = typed();
    for input in &mut request.inputs {
        input.contents = None;
    }
    request.inputs[0].datatype = "FP32".to_owned();
    let texts = |texts: [&str; 2]| {
        let parts = texts.map(|text| {
            [&u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes()].concat()
        });
        parts.concat()
    };
    request.raw_input_contents = vec![
        [3.0_f32, 40.0].iter().flat_map(|value| value.to_le_bytes()).collect(),
        [20.5_f64, f64::NAN].iter().flat_map(|value| value.to_le_bytes()).collect(),
        texts(["month", "unseen"]),
        vec![1, 0],
        texts(["2024-05-01", ""]),
    ];
    let answer = client.model_infer(request.clone()).await.unwrap().into_inner();
    let yes: Vec<f64> = answer.raw_output_contents[2]
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    close(&json!(yes), expected(2));
    request.raw_input_contents.pop();
    let status = client.model_infer(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    let running = Running::churn().await;
    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    let mut cases: Vec<(ModelInferRequest, Code, &str)> = Vec::new();
    let mut case = |code, told, change: &dyn Fn(&mut ModelInferRequest)| {
        let mut request = typed();
        change(&mut request);
        cases.push((request, code, told));
    };
    let invalid = Code::InvalidArgument;
    case(Code::NotFound, "model x", &|request| request.model_name = "x".to_owned());
    case(Code::NotFound, "version 9", &|request| request.model_version = "9".to_owned());
    case(invalid, "tenure is missing", &|request| drop(request.inputs.remove(0)));
    case(invalid, "tenure has datatype BYTES", &|request| {
        request.inputs[0].datatype = "BYTES".to_owned();
        request.inputs[0].contents = Some(InferTensorContents {
            bytes_contents: vec![b"a".to_vec(); 2],
            ..Default::default()
        });
    });
    case(invalid, "field of another datatype", &|request| {
        request.inputs[0].datatype = "FP64".to_owned();
    });
    case(invalid, "expected 3", &|request| request.inputs[0].shape = vec![3]);
    case(invalid, "charges is not finite in row 0", &|request| {
        request.inputs[1].contents = Some(InferTensorContents {
            fp64_contents: vec![f64::INFINITY, 1.0],
            ..Default::default()
        });
    });
    case(invalid, "contract is not UTF-8 in row 1", &|request| {
        request.inputs[2].contents = Some(InferTensorContents {
            bytes_contents: vec![b"a".to_vec(), vec![0xff]],
            ..Default::default()
        });
    });
    for (request, code, told) in cases {
        let status = client.model_infer(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message());
        assert!(status.message().contains(told), "`{}` does not say `{told}`", status.message());
    }
}

#[tokio::test]
async fn the_server_and_its_models_are_described() {
    let running = Running::churn().await;
    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    assert!(client.server_live(ServerLiveRequest {}).await.unwrap().into_inner().live);
    assert!(client.server_ready(ServerReadyRequest {}).await.unwrap().into_inner().ready);
    let server = client.server_metadata(ServerMetadataRequest {}).await.unwrap().into_inner();
    assert_eq!(server.name, "tier0-model-server");
    let request = ModelMetadataRequest { name: "churn".to_owned(), version: String::new() };
    let model = client.model_metadata(request).await.unwrap().into_inner();
    assert_eq!(model.versions, ["1", "2"]);
    assert_eq!((model.inputs.len(), model.outputs.len()), (5, 3));
    for (version, ready) in [("", true), ("1", true), ("9", false)] {
        let request = ModelReadyRequest { name: "churn".to_owned(), version: version.to_owned() };
        assert_eq!(client.model_ready(request).await.unwrap().into_inner().ready, ready);
    }
    let request = RepositoryIndexRequest { ready: true, ..Default::default() };
    assert_eq!(client.repository_index(request).await.unwrap().into_inner().models.len(), 2);
}

#[tokio::test]
async fn an_output_is_answered_once() {
    let running = Running::churn().await;
    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    let mut request = typed();
    let wanted = InferRequestedOutputTensor { name: "prediction".to_owned(), ..Default::default() };
    request.outputs = vec![wanted; 50_000];
    let status = client.model_infer(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert!(status.message().contains("more than once"), "{status}");
}
