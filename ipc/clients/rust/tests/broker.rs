//! Against a real broker, one for each test.

mod common;

use common::Broker;
use keybearer::{fields, Fields, RemoveRequest, RenameRequest, ResolveRequest, RotateRequest, SetRequest};

const KEY: &str = "sk-proj-canary-0123456789abcdef";

#[test]
fn a_stored_key_is_resolved_and_listed_masked() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    let stored = client.auth_set_credential(SetRequest::new("gpt", KEY)).unwrap();
    assert_eq!((stored.provider.as_str(), stored.fields), ("openai", vec!["api_key".to_owned()]));

    let found = client.auth_resolve("openai").unwrap();
    assert_eq!(found.value("apiKey"), Some(KEY));
    assert_eq!(found.field("API-KEY").unwrap().source, "store");
    assert_eq!(found.sources()["base_url"], "default");
    assert!(found.field("nothing").is_none());
    let shown = format!("{found:?} {found:#?} {:?} {client:?}", found.values());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("https://api.openai.com/v1"), "what is no secret may show: {shown}");

    let rows = client.list(None).unwrap();
    assert_eq!((rows.len(), rows[0].provider.as_str()), (1, "openai"));
    let preview = rows[0].fields[0].preview.as_ref().unwrap();
    assert!(preview.starts_with("sk-") && preview.len() < KEY.len() && !preview.contains("canary"), "{preview}");
}

#[test]
fn the_environment_wins_and_its_value_stays() {
    let broker = Broker::start();
    broker.client(Fields::new()).auth_set_credential(SetRequest::new("openai", KEY)).unwrap();
    let mut client = broker.client(fields([("OPENAI_API_KEY", "sk-of-the-environment")]));
    let found = client.auth_resolve("openai").unwrap();
    assert_eq!(found.value("api_key"), Some("sk-of-the-environment"));
    let field = found.field("api_key").unwrap();
    assert_eq!((field.source.as_str(), field.from.as_str()), ("environment", "OPENAI_API_KEY"));
    assert_eq!(found.shadowed[0].source, "store");
    assert_eq!(found.warnings.len(), 1);

    let only = ResolveRequest { only: vec!["store".to_owned()], ..ResolveRequest::from("openai") };
    assert_eq!(client.auth_resolve(only).unwrap().value("api_key"), Some(KEY));
}

#[test]
fn what_the_call_and_the_instance_bring() {
    let broker = Broker::start();
    let mut options = common::options(broker.socket(), Fields::new());
    options.instance.insert("gpt".to_owned(), fields([("apiKey", "sk-of-the-instance")]));
    let mut client = keybearer::Client::connect_with(options).unwrap();
    let found = client.auth_resolve("openai").unwrap();
    assert_eq!((found.value("api_key"), found.sources()["api_key"]), (Some("sk-of-the-instance"), "instance"));

    let call = ResolveRequest { call: fields([("api-key", "sk-of-the-call")]), ..ResolveRequest::from("openai") };
    let found = client.auth_resolve(call).unwrap();
    assert_eq!((found.value("api_key"), found.sources()["api_key"]), (Some("sk-of-the-call"), "call"));
}

#[test]
fn what_is_removed_is_gone() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    client.auth_set_credential(SetRequest::new("openai", fields([("api_key", KEY)]))).unwrap();
    let one = RemoveRequest { field: Some("api_key".to_owned()), ..RemoveRequest::from("openai") };
    assert_eq!(client.remove(one).unwrap().removed, 1);
    let error = client.auth_resolve("openai").unwrap_err();
    assert_eq!(error.kind(), "no_credential");
    assert!(error.data()["looked_at"].as_array().unwrap().contains(&"store".into()));
}

#[test]
fn a_name_a_tenant_and_the_next_value_are_kept_apart() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    let (name, tenant) = (Some("work".to_owned()), Some("acme".to_owned()));
    let set = |value: &str, next| SetRequest {
        name: name.clone(),
        tenant: tenant.clone(),
        next,
        ..SetRequest::new("openai", value)
    };
    client.auth_set_credential(set(KEY, false)).unwrap();
    client.auth_set_credential(set("sk-proj-the-next-0123456789", true)).unwrap();
    let mut request = ResolveRequest { name: name.clone(), tenant: tenant.clone(), ..ResolveRequest::from("openai") };
    assert_eq!(client.auth_resolve(request.clone()).unwrap().value("api_key"), Some(KEY));
    request.next = true;
    assert_eq!(client.auth_resolve(request).unwrap().value("api_key"), Some("sk-proj-the-next-0123456789"));
    assert_eq!(client.list(None).unwrap(), []);
    assert_eq!(client.list(Some("acme")).unwrap()[0].name, "work");

    let rotated = client.rotate(RotateRequest { tenant, ..RotateRequest::default() }).unwrap();
    assert_eq!((rotated.tenant.as_str(), rotated.sealed), ("acme", 2));
}

#[test]
fn the_next_value_takes_its_place_and_a_key_gets_another_name() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    client.auth_set_credential(SetRequest::new("openai", KEY)).unwrap();
    client
        .auth_set_credential(SetRequest { next: true, ..SetRequest::new("openai", "sk-proj-the-next-0123") })
        .unwrap();
    assert_eq!(client.switch("gpt").unwrap().provider, "openai");
    let renamed = client.rename(RenameRequest::new("gpt", "work")).unwrap();
    assert_eq!(
        (renamed.provider.as_str(), renamed.tenant.as_str(), renamed.name.as_str()),
        ("openai", "default", "work")
    );
    let (name, purpose) = (Some("work".to_owned()), Some("a test".to_owned()));
    let found = client.auth_resolve(ResolveRequest { name: name.clone(), purpose, ..ResolveRequest::from("openai") });
    assert_eq!(found.unwrap().value("api_key"), Some("sk-proj-the-next-0123"));
    assert_eq!(client.rename(RenameRequest::new("openai", "other")).unwrap_err().kind(), "no_credential");
    let odd = RenameRequest { name, ..RenameRequest::new("openai", "no name") };
    assert_eq!(client.rename(odd).unwrap_err().kind(), "invalid_value");
    assert_eq!(client.switch("groq").unwrap_err().kind(), "no_credential");
}

#[test]
fn without_a_grant_a_program_has_what_it_brings() {
    let broker = Broker::with_policy("ask");
    let file = broker.home().join("key");
    std::fs::write(&file, "sk-of-the-store").unwrap();
    broker.done(&["provider", "set", "openai", "--file", file.to_str().unwrap()]);
    let error = broker.client(Fields::new()).auth_resolve("openai").unwrap_err();
    assert_eq!(error.kind(), "consent_required");
    assert!(error.data()["allow_with"].as_str().unwrap().starts_with("keybearer grant allow "), "{:?}", error.data());
    let own = fields([("OPENAI_API_KEY", "sk-of-the-environment")]);
    assert_eq!(broker.client(own).auth_resolve("openai").unwrap().sources()["api_key"], "environment");
}

#[test]
fn the_error_of_an_unknown_provider_names_the_nearest() {
    let broker = Broker::start();
    let error = broker.client(Fields::new()).auth_resolve("opnai").unwrap_err();
    assert_eq!(error.kind(), "unknown_provider");
    assert!(error.message().contains("openai"), "{error}");
    assert_eq!(error.data()["nearest"][0], "openai");
}

#[test]
fn a_refused_value_is_not_repeated() {
    let broker = Broker::start();
    let error = broker.client(Fields::new()).auth_set_credential(SetRequest::new("openai", "canary two")).unwrap_err();
    assert_eq!(error.kind(), "invalid_value");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

#[test]
fn the_status_knows_this_sides_environment() {
    let broker = Broker::start();
    let mut client = broker.client(fields([("OPENAI_API_KEY", "sk-x")]));
    let row = client.auth_status("gpt").unwrap();
    assert_eq!((row.status.as_str(), row.from.as_deref()), ("authenticated", Some("OPENAI_API_KEY")));
    assert_eq!(client.auth_status("anthropic").unwrap().status, "not_authenticated");
    let rows = client.auth_status_all().unwrap();
    assert!(rows.len() > 20, "{} rows", rows.len());
    assert!(rows.contains(&row));
}

#[test]
fn an_unknown_account_and_an_unknown_method() {
    let broker = Broker::start();
    let mut client = broker.client(Fields::new());
    assert_eq!(client.token("nobody").unwrap_err().kind(), "unknown_account");
    let none = serde_json::Value::Null;
    assert_eq!(client.call("no.such", &none).unwrap_err().kind(), "method_not_found");
    assert_eq!(client.call("system.hello", &none).unwrap()["protocol"], 1);
}
