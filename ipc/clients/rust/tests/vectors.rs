//! Every case of ../../vectors/vectors.json.

mod common;
#[path = "common/fake.rs"]
mod fake;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{options, Folder};
use fake::FakeBroker;
use keybearer::{
    Client, CredentialValue, Error, Fields, LeaseEvent, LoginRequest, ProofRequest, RemoveRequest, RenameRequest,
    Resolution, ResolveRequest, RotateRequest, SetRequest, StoredCredential, SwitchRequest, Token, TokenRequest,
};
use serde_json::{json, Value};

#[test]
fn every_case_of_the_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/vectors.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(cases.len() >= 34, "{} cases", cases.len());
    let problems: Vec<String> = cases.iter().flat_map(problems_of).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    println!("{} cases", cases.len());
}

fn problems_of(case: &Value) -> Vec<String> {
    let folder = Folder::new();
    let open = texts(&case["open"]);
    for (name, content) in case["files"].as_object().into_iter().flatten() {
        let mode = if open.contains(name) { 0o644 } else { 0o600 };
        folder.write(name, content.as_str().unwrap(), mode);
    }
    let mut environment = Fields::new();
    for (name, value) in pairs(&case["environment"]) {
        environment.insert(name, value.replace("$DIR", folder.0.to_str().unwrap()).into());
    }
    // A client key is for the broker.
    let providers = pairs(&case["environment"]).into_iter().filter(|(name, _)| !name.starts_with("KEYBEARER_"));
    let own: Vec<String> = providers
        .map(|(_, value)| value)
        .chain(pairs(&case["arguments"]["call"]).into_values())
        .chain(pairs(&case["arguments"]["instance"]).into_values())
        .filter(|value| !value.is_empty())
        .collect();

    let socket = folder.at("broker.sock");
    let exchange = case["exchange"].as_array().unwrap().clone();
    // A lease and a sign-in have a connection of their own, and nothing is asked on the client's.
    let exchanges =
        if case["does"] == "lease" || case["does"] == "login" { vec![Vec::new(), exchange] } else { vec![exchange] };
    let broker = FakeBroker::listen_each(&socket, exchanges);
    let outcome = Client::connect_with(options(socket, environment))
        .and_then(|mut client| perform(&mut client, case["does"].as_str().unwrap(), &case["arguments"]));
    let mut problems = compared(&outcome, case);
    let sent = broker.finish().join("\n");
    problems.extend(own.iter().filter(|value| sent.contains(*value)).map(|value| format!("{value} was sent")));
    problems.into_iter().map(|problem| format!("{}: {problem}", case["name"])).collect()
}

fn compared(outcome: &Result<Value, Error>, case: &Value) -> Vec<String> {
    match outcome {
        Ok(result) if case["error"].is_null() => {
            if has(result, &case["result"]) {
                return Vec::new();
            }
            vec![format!("{result} is not {}", case["result"])]
        }
        Err(error) if case["result"].is_null() => {
            let expected = &case["error"];
            let shown = format!("{error} {error:?}");
            let mut problems = Vec::new();
            if error.kind() != expected["kind"].as_str().unwrap() {
                problems.push(format!("the kind is {}", error.kind()));
            }
            problems.extend(
                texts(&expected["has"])
                    .iter()
                    .filter(|text| !error.message().contains(*text))
                    .map(|text| format!("{error} lacks {text}")),
            );
            problems.extend(
                texts(&expected["lacks"])
                    .iter()
                    .filter(|text| shown.contains(*text))
                    .map(|text| format!("{error} has {text}")),
            );
            problems
        }
        other => vec![format!("it gave {other:?}")],
    }
}

/// Whether every member of `wanted` is in `value`.
fn has(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| value.get(name).map_or(false, |value| has(value, wanted)))
        }
        _ => value == wanted,
    }
}

fn perform(client: &mut Client, does: &str, arguments: &Value) -> Result<Value, Error> {
    let text = |name: &str| arguments[name].as_str().map(str::to_owned);
    let flag = |name: &str| arguments[name].as_bool().unwrap_or(false);
    let provider = || text("provider").unwrap();
    Ok(match does {
        "call" => Value::Object(client.call(&text("method").unwrap(), &arguments["params"])?),
        "token" => token(client, arguments)?,
        "dpop_proof" => proof(client, arguments)?,
        "login" => login(client, arguments)?,
        "auth_status" => {
            let row = client.auth_status(&provider())?;
            json!({"provider": row.provider, "status": row.status, "source": row.source, "from": row.from})
        }
        "auth_set_credential" => {
            let value = match text("value") {
                Some(value) => CredentialValue::from(value),
                None => CredentialValue::from(own(&arguments["value"])),
            };
            let (name, tenant) = (text("name"), text("tenant"));
            let (shared, next) = (flag("shared"), flag("next"));
            let stored =
                client.auth_set_credential(SetRequest { provider: provider(), value, name, tenant, shared, next })?;
            json!({"tenant": stored.tenant, "name": stored.name, "fields": stored.fields, "warnings": stored.warnings})
        }
        "auth_resolve" => resolution(&client.auth_resolve(resolve_request(arguments))?),
        "lease" => lease(client, arguments)?,
        "list" => {
            let rows = client.list(arguments["tenant"].as_str())?;
            json!({ "credentials": rows.iter().map(row).collect::<Vec<_>>() })
        }
        "remove" => {
            let (field, name, tenant, shared) = (text("field"), text("name"), text("tenant"), flag("shared"));
            let removed = client.remove(RemoveRequest { provider: provider(), field, name, tenant, shared })?;
            json!({"provider": removed.provider, "removed": removed.removed})
        }
        "rename" => {
            let (name, tenant, shared) = (text("name"), text("tenant"), flag("shared"));
            let new_name = text("new_name").unwrap();
            let renamed = client.rename(RenameRequest { provider: provider(), new_name, name, tenant, shared })?;
            json!({"provider": renamed.provider, "tenant": renamed.tenant, "name": renamed.name})
        }
        "switch" => {
            let (name, tenant, shared) = (text("name"), text("tenant"), flag("shared"));
            let switched = client.switch(SwitchRequest { provider: provider(), name, tenant, shared })?;
            json!({ "provider": switched.provider })
        }
        "rotate" => {
            let (provider, tenant, shared) = (text("provider"), text("tenant"), flag("shared"));
            let rotated = client.rotate(RotateRequest { provider, tenant, shared })?;
            json!({"tenant": rotated.tenant, "sealed": rotated.sealed})
        }
        other => panic!("the vectors have a function that this test does not know: {other}"),
    })
}

fn token_request(arguments: &Value) -> TokenRequest {
    let text = |name: &str| arguments[name].as_str().map(str::to_owned);
    TokenRequest {
        account: text("account").unwrap_or_default(),
        directory: text("directory").map(PathBuf::from),
        min_valid: arguments["min_valid"].as_u64().map(|seconds| seconds as u32),
        scopes: texts(&arguments["scopes"]),
        resource: text("resource"),
        audience: text("audience"),
        purpose: text("purpose"),
        refresh: arguments["refresh"].as_bool().unwrap_or(false),
    }
}

fn token(client: &mut Client, arguments: &Value) -> Result<Value, Error> {
    client.token(token_request(arguments)).map(|token| shown_token(&token))
}

fn shown_token(token: &Token) -> Value {
    assert!(!format!("{token:?}").contains(token.access_token.reveal()));
    json!({"access_token": token.access_token.reveal(), "token_type": token.token_type,
        "expires_at": token.expires_at, "scope": token.scope, "account": token.account, "issuer": token.issuer,
        "source": token.source})
}

fn proof(client: &mut Client, arguments: &Value) -> Result<Value, Error> {
    let text = |name: &str| arguments[name].as_str().map(str::to_owned);
    let (method, url) = (text("method").unwrap(), text("url").unwrap());
    let proof =
        client.dpop_proof(ProofRequest { method, url, token: token_request(arguments), nonce: text("nonce") })?;
    assert!(!format!("{proof:?}").contains(proof.proof.reveal()));
    let [token, header] = proof.headers();
    assert_eq!(
        (token.0, token.1.reveal().strip_prefix("DPoP ")),
        ("Authorization", Some(proof.token.access_token.reveal()))
    );
    assert_eq!((header.0, header.1.reveal()), ("DPoP", proof.proof.reveal()));
    let mut result = shown_token(&proof.token);
    result["proof"] = proof.proof.reveal().into();
    Ok(result)
}

fn login(client: &Client, arguments: &Value) -> Result<Value, Error> {
    let text = |name: &str| arguments[name].as_str().map(str::to_owned);
    let flag = |name: &str| arguments[name].as_bool().unwrap_or(false);
    let mut login = client.login(LoginRequest {
        provider: text("provider").unwrap(),
        account: text("account"),
        client_id: text("client_id"),
        client_secret: text("client_secret").map(Into::into),
        redirect: text("redirect"),
        scopes: texts(&arguments["scopes"]),
        issuer: text("issuer"),
        add_scopes: texts(&arguments["add_scopes"]),
        flow: text("flow"),
        expires_in: arguments["expires_in"].as_u64().map(|seconds| seconds as u32),
        fresh: flag("fresh"),
        attended: flag("attended"),
    })?;
    let end = login.wait(None)?.unwrap();
    Ok(json!({"account": end.account, "subject": end.subject, "label": end.label, "scope": end.scope,
        "credential": end.credential}))
}

fn resolve_request(arguments: &Value) -> ResolveRequest {
    let text = |name: &str| arguments[name].as_str().map(str::to_owned);
    ResolveRequest {
        provider: text("provider").unwrap(),
        call: own(&arguments["call"]),
        instance: own(&arguments["instance"]),
        name: text("name"),
        tenant: text("tenant"),
        only: texts(&arguments["only"]),
        next: arguments["next"].as_bool().unwrap_or(false),
        fields: texts(&arguments["fields"]),
        purpose: text("purpose"),
    }
}

fn lease(client: &Client, arguments: &Value) -> Result<Value, Error> {
    let mut lease = client.auth_lease(resolve_request(arguments))?;
    let event = match lease.wait(arguments["wait"].as_u64().unwrap() as u32)? {
        LeaseEvent::Renewed => "renewed",
        LeaseEvent::Removed => "removed",
        _ => "none",
    };
    let mut result = resolution(lease.credential());
    result["event"] = event.into();
    Ok(result)
}

fn resolution(found: &Resolution) -> Value {
    let shown = format!("{found:?} {found:#?} {:?}", found.values());
    for field in found.fields.iter().filter(|field| field.secret) {
        assert!(!shown.contains(field.value.reveal()), "{shown}");
    }
    let values: BTreeMap<&str, &str> =
        found.values().into_iter().map(|(field, value)| (field, value.reveal())).collect();
    json!({"provider": found.provider, "values": values, "sources": found.sources(), "warnings": found.warnings})
}

fn row(stored: &StoredCredential) -> Value {
    let fields: Vec<Value> = stored
        .fields
        .iter()
        .map(|one| json!({"field": one.field, "slot": one.slot, "preview": one.preview, "set_at": one.set_at}))
        .collect();
    json!({"provider": stored.provider, "tenant": stored.tenant, "name": stored.name, "used_at": stored.used_at,
        "fields": fields})
}

fn own(value: &Value) -> Fields {
    pairs(value).into_iter().map(|(field, value)| (field, value.into())).collect()
}

fn pairs(value: &Value) -> BTreeMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}
