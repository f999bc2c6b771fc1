//! Resolving: the broker says where each field comes from, and what the caller has itself is put in here.

use crate::answers::folded;
use crate::auth::of_provider;
use crate::json::{self, Object};
use crate::{Client, Error, Fields, Ignored, Place, Resolution, ResolveRequest, ResolvedField, Secret};

/// A request whose names are formed, to be sent as often as one likes.
pub(crate) struct Prepared {
    request: ResolveRequest,
    /// The variables that are named.
    offered: Vec<String>,
    pub(crate) params: Object,
}

impl Client {
    /// A provider's credential, each field from the strongest place that has it: the call, the instance, the
    /// environment, then what the broker keeps.
    ///
    /// # Errors
    /// "no_credential" (`data` has `looked_at`), "unknown_provider", "denied", "location_failed" when a place that
    /// config.toml names is there and cannot be used, or "invalid_value" when a file that a variable names cannot be.
    pub fn auth_resolve(&mut self, request: impl Into<ResolveRequest>) -> Result<Resolution, Error> {
        let prepared = self.prepare(request.into())?;
        self.resolve(&prepared)
    }

    /// Asks which variables matter, and forms the names.
    pub(crate) fn prepare(&mut self, mut request: ResolveRequest) -> Result<Prepared, Error> {
        let described = self.describe(&request.provider)?;
        if request.instance.is_empty() {
            request.instance = self.own_instance(&request.provider, &described);
        }
        let mut params = of_provider(&request.provider);
        let offered = self.variables_set(&[described]);
        params.insert("environment".into(), offered.clone().into());
        json::put(&mut params, "name", &request.name);
        json::put(&mut params, "tenant", &request.tenant);
        json::put_list(&mut params, "fields", &request.fields);
        json::put_list(&mut params, "only", &request.only);
        json::put_flag(&mut params, "next", request.next);
        json::put(&mut params, "purpose", &request.purpose);
        json::put_list(&mut params, "call", &names(&request.call));
        json::put_list(&mut params, "instance", &names(&request.instance));
        Ok(Prepared { request, offered, params })
    }

    pub(crate) fn resolve(&mut self, prepared: &Prepared) -> Result<Resolution, Error> {
        let mut answer = self.ask("credential.resolve", prepared.params.clone())?;
        let mut fields = Vec::new();
        for item in json::take_objects(&mut answer, "fields") {
            fields.push(self.completed(item, prepared)?);
        }
        Ok(Resolution {
            provider: json::text(&answer, "provider"),
            tenant: json::text(&answer, "tenant"),
            name: json::text(&answer, "name"),
            fields,
            version: json::text(&answer, "version"),
            shadowed: json::objects(&answer, "shadowed").map(Place::from_item).collect(),
            ignored: json::objects(&answer, "ignored").map(Ignored::from_item).collect(),
            warnings: json::texts(&answer, "warnings"),
        })
    }

    /// What this client was made with for the provider, under any name of it.
    fn own_instance(&self, provider: &str, described: &Object) -> Fields {
        let mut known = vec![provider.to_owned(), json::text(described, "provider")];
        known.extend(json::texts(described, "aliases"));
        let known: Vec<String> = known.iter().map(|name| folded(name)).collect();
        let own = self.options.instance.iter().find(|(name, _)| known.contains(&folded(name)));
        own.map(|(_, fields)| fields.clone()).unwrap_or_default()
    }

    /// The field with its value: the broker's, or this side's own where that is what the broker chose. An answer does
    /// not choose which variable that was not offered, or which file, is read.
    fn completed(&self, mut item: Object, prepared: &Prepared) -> Result<ResolvedField, Error> {
        let request = &prepared.request;
        let given = json::take_secret(&mut item, "value");
        let (field, source, from) =
            (json::text(&item, "field"), json::text(&item, "source"), json::text(&item, "from"));
        let value = match (given, source.as_str()) {
            (Some(value), _) => value,
            (None, "environment") if !prepared.offered.contains(&from) => {
                return Err(Error::lost("its answer names a variable that was not offered"))
            }
            (None, "environment") => self.options.environment.value(&from, json::flag(&item, "file"))?,
            (None, "call") => own_value(&request.call, &field, &from)?,
            (None, "instance") => own_value(&request.instance, &field, &from)?,
            (None, _) => return Err(Error::lost(format!("its answer has no value for {field}"))),
        };
        let (secret, expires_at) = (json::flag(&item, "secret"), json::time(&item, "expires_at"));
        Ok(ResolvedField { field, source, from, secret, expires_at, value })
    }
}

/// `from` is a name that config.toml gives to a value of the caller; it is empty where the field's own name is meant.
fn own_value(own: &Fields, field: &str, from: &str) -> Result<Secret, Error> {
    let found = if from.is_empty() {
        let wanted = folded(field);
        own.iter().find(|(name, _)| folded(name) == wanted).map(|(_, value)| value)
    } else {
        own.get(from)
    };
    let none = || Error::lost(format!("its answer takes {field} from a value that was not offered"));
    found.cloned().ok_or_else(none)
}

fn names(fields: &Fields) -> Vec<String> {
    fields.keys().cloned().collect()
}
