//! Places that config.toml names, times at which a value ends, and the typed views of a credential.

mod common;
#[path = "common/fake.rs"]
mod fake;

use std::fmt::Debug;

use common::{options, Broker, Folder};
use fake::FakeBroker;
use keybearer::{
    fields, AzureCredential, BedrockCredential, Client, Error, Fields, Resolution, ResolveRequest, ResolvedField,
    SageMakerCredential, Secret, SetRequest, VertexCredential,
};
use serde_json::{json, Value};

const LOCATIONS: &str = r#"
[locations]
openai = ["dynamic::customer_key", "env::MY_OPENAI_KEY", "store::"]
"#;

fn place(field: &ResolvedField) -> (&str, &str, &str) {
    (field.value.reveal(), &field.source, &field.from)
}

#[test]
fn a_name_of_the_call_a_variable_and_the_store() {
    let broker = Broker::with_config(LOCATIONS);
    let mut client = broker.client(Fields::new());
    assert_eq!(client.auth_resolve("openai").unwrap_err().kind(), "no_credential");
    client.auth_set_credential(SetRequest::new("openai", "sk-of-the-store-0123456789")).unwrap();
    let found = client.auth_resolve("openai").unwrap();
    assert_eq!(place(found.field("api_key").unwrap()), ("sk-of-the-store-0123456789", "store", "default/default"));

    let mut client = broker.client(fields([("MY_OPENAI_KEY", "sk-mine"), ("OPENAI_API_KEY", "sk-usual")]));
    let found = client.auth_resolve("openai").unwrap();
    assert_eq!(place(found.field("api_key").unwrap()), ("sk-mine", "environment", "MY_OPENAI_KEY"));

    let call = fields([("customer_key", "sk-customer")]);
    let found = client.auth_resolve(ResolveRequest { call, ..ResolveRequest::from("openai") }).unwrap();
    assert_eq!(place(found.field("api_key").unwrap()), ("sk-customer", "call", "customer_key"));
    assert!(!format!("{found:?}").contains("sk-customer"));
}

#[test]
fn a_lease_of_a_name_of_the_call() {
    let broker = Broker::with_config(LOCATIONS);
    let call = fields([("customer_key", "sk-customer")]);
    let request = ResolveRequest { call, ..ResolveRequest::from("openai") };
    let lease = broker.client(Fields::new()).auth_lease(request).unwrap();
    assert_eq!(lease.credential().value("api_key"), Some("sk-customer"));
}

#[test]
fn a_place_that_cannot_be_used() {
    let folder = Folder::new();
    folder.write("key", "sk-canary", 0o644);
    let broker =
        Broker::with_config(&format!("[locations]\nopenai = [\"file::{}\"]\n", folder.at("key").to_str().unwrap()));
    let error = broker.client(Fields::new()).auth_resolve("openai").unwrap_err();
    assert_eq!(error.kind(), "location_failed");
    assert!(!error.message().contains("canary"), "{error}");
}

fn step(method: &str, params: Value, result: Value) -> Value {
    let answer = format!(r#"{{"jsonrpc":"2.0","id":$ID,"result":{result}}}"#);
    json!({"method": method, "params": params, "answer": [answer]})
}

#[test]
fn the_order_of_the_names() {
    let folder = Folder::new();
    let field = |name: &str| {
        json!({"field": name, "configured_path_variables": [format!("A_{name}")], "path_variables": [format!("C_{name}")],
            "configured_variables": [format!("B_{name}"), "SHARED"], "variables": [format!("D_{name}")]})
    };
    let described = json!({"provider": "openai", "fields": [field("2"), field("1")]});
    let names = ["D_2", "C_2", "B_2", "SHARED", "A_2", "D_1", "C_1", "B_1", "A_1"];
    let exchange = vec![
        step("provider.describe", json!({"provider": "openai"}), described),
        step("credential.resolve", json!({"provider": "openai", "environment": names}), json!({"provider": "openai"})),
    ];
    let broker = FakeBroker::listen(&folder.at("broker.sock"), exchange);
    let environment = fields(names.map(|name| (name, "x")));
    let mut client = Client::connect_with(options(folder.at("broker.sock"), environment)).unwrap();
    assert!(client.auth_resolve("openai").unwrap().fields.is_empty());
    drop(client);
    broker.finish();
}

/// What a client with those values of the call and the instance makes of that field.
fn resolved(call: Fields, instance: Fields, field: Value) -> Result<Resolution, Error> {
    let folder = Folder::new();
    let own = |values: &Fields| values.keys().cloned().collect::<Vec<_>>();
    let mut params = json!({"provider": "openai", "environment": []});
    for (name, values) in [("call", own(&call)), ("instance", own(&instance))] {
        if !values.is_empty() {
            params[name] = values.into();
        }
    }
    let exchange = vec![
        step("provider.describe", json!({"provider": "openai"}), json!({"provider": "openai", "fields": []})),
        step("credential.resolve", params, json!({"provider": "openai", "fields": [field], "version": "0123"})),
    ];
    let broker = FakeBroker::listen(&folder.at("broker.sock"), exchange);
    let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
    let found = client.auth_resolve(ResolveRequest { call, instance, ..ResolveRequest::from("openai") });
    drop(client);
    broker.finish();
    found
}

#[test]
fn a_name_of_the_caller_is_taken_exactly() {
    for source in ["call", "instance"] {
        let with = |name: &str, from: &str| {
            let own = fields([(name, "sk-own")]);
            let (call, instance) = if source == "call" { (own, Fields::new()) } else { (Fields::new(), own) };
            resolved(call, instance, json!({"field": "api_key", "source": source, "from": from, "secret": true}))
        };
        assert_eq!(with("my_key", "my_key").unwrap().value("api_key"), Some("sk-own"));
        assert_eq!(with("apiKey", "").unwrap().value("api_key"), Some("sk-own"));
        for (name, from) in [("my_key", "myKey"), ("api_key", "my_key"), ("my_key", "")] {
            assert_eq!(with(name, from).unwrap_err().kind(), "connection_lost", "{source}: {name}, {from}");
        }
    }
}

#[test]
fn when_a_value_ends() {
    for (said, known) in [(json!(1_767_225_600), Some(1_767_225_600)), (Value::Null, None)] {
        let field = json!({"field": "api_key", "source": "oauth", "from": "work", "secret": true, "value": "at-1",
            "expires_at": said});
        let found = resolved(Fields::new(), Fields::new(), field).unwrap();
        assert_eq!(found.fields[0].expires_at, known);
        assert_eq!(found.version, "0123");
        assert!(format!("{found:?}").contains(&format!("expires_at: {known:?}")), "{found:?}");
    }
}

/// The provider's credential with a value for every field of the catalogue, and those fields with whether each is secret.
fn whole(client: &mut Client, provider: &str) -> (Resolution, Vec<(String, bool)>) {
    let described = client.call("provider.describe", &json!({ "provider": provider })).unwrap();
    let known: Vec<(String, bool)> = described["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (field["field"].as_str().unwrap().to_owned(), field["secret"] == true))
        .collect();
    let call = known.iter().map(|(name, _)| (name.clone(), Secret::from(format!("the-{name}")))).collect();
    (client.auth_resolve(ResolveRequest { call, ..ResolveRequest::from(provider) }).unwrap(), known)
}

/// Whether the view has every field that the catalogue has, and no other, and masks the secrets.
fn check<'a, View>(found: &'a Resolution, known: &[(String, bool)])
where
    View: TryFrom<&'a Resolution, Error = Error> + Debug,
{
    let shown = format!("{:?}", View::try_from(found).unwrap());
    for (name, secret) in known {
        let text = if *secret { "***".to_owned() } else { format!("\"the-{name}\"") };
        let forms = [format!(" {name}: {text}"), format!(" {name}: Some({text})")];
        assert!(forms.iter().any(|form| shown.contains(form.as_str())), "{name} is not in {shown}");
    }
    assert_eq!(shown.matches(": ").count(), known.len(), "{shown}");
}

#[test]
fn typed_views_have_the_fields_of_the_catalogue() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    for provider in ["bedrock", "sagemaker", "azure", "vertex", "vertex-anthropic"] {
        let (found, known) = whole(&mut client, provider);
        match provider {
            "bedrock" => check::<BedrockCredential>(&found, &known),
            "sagemaker" => check::<SageMakerCredential>(&found, &known),
            "azure" => check::<AzureCredential>(&found, &known),
            _ => check::<VertexCredential>(&found, &known),
        }
    }
}

#[test]
fn a_typed_view_of_what_it_is_not_made_for() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    let (found, _) = whole(&mut client, "azure");
    assert_eq!(AzureCredential::try_from(&found).unwrap().api_key.reveal(), "the-api_key");
    let error = BedrockCredential::try_from(&found).unwrap_err();
    assert_eq!(error.kind(), "invalid_value");
    assert!(error.message().contains("azure"), "{error}");

    let call = fields([("access_key_id", "AKIA-x"), ("secret_access_key", "y"), ("region", "eu-west-1")]);
    let part = ResolveRequest { call, fields: vec!["region".to_owned()], ..ResolveRequest::from("bedrock") };
    let found = client.auth_resolve(part).unwrap();
    let error = BedrockCredential::try_from(&found).unwrap_err();
    assert_eq!(error.kind(), "invalid_value");
    assert!(error.message().contains("access_key_id"), "{error}");
}
