//! JSON objects whose values stay text: what is not looked at comes out to the letter, fields in their order.

use holdfast_protocol::Json;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::value::RawValue;

/// Text that is no JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnObject(pub String);

/// An object as it was written. A field named twice is refused: readers disagree about which one counts.
#[derive(Debug, Clone, Default)]
pub struct RawObject(Vec<(String, Json)>);

impl RawObject {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// Where the text is something else.
    pub fn parse(text: &str) -> Result<Self, NotAnObject> {
        serde_json::from_str(text).map_err(|error| NotAnObject(error.to_string()))
    }

    /// A field's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| &**value)
    }

    /// A field's value as text; none where it is no string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    /// Sets a field where it stands, or at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        match self.0.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(field, _)| field == name)?;
        Some(self.0.remove(at).1)
    }

    /// The fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The fields in their order, taken apart.
    #[must_use]
    pub fn into_fields(self) -> Vec<(String, Json)> {
        self.0
    }

    /// As text again.
    #[must_use]
    pub fn to_json(&self) -> Json {
        to_json(self)
    }
}

impl FromIterator<(String, Json)> for RawObject {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

/// Whether two pieces of JSON are the same data, however they are written: an object's fields in whatever order.
pub(super) fn is_same(a: &Json, b: &Json) -> bool {
    fn value(json: &RawValue) -> Option<serde_json::Value> {
        serde_json::from_str(json.get()).ok()
    }
    if a.get() == b.get() {
        return true;
    }
    let (Ok(a), Ok(b)) = (RawObject::parse(a.get()), RawObject::parse(b.get())) else {
        return false;
    };
    // only what is written differently is read
    let in_b = |(name, a): (&str, &Json)| {
        b.get(name)
            .is_some_and(|b| a.get() == b.get() || value(a).is_some_and(|a| value(b) == Some(a)))
    };
    a.0.len() == b.0.len() && a.iter().all(in_b)
}

/// What serializes to JSON for sure, as JSON text.
pub fn to_json(value: &impl Serialize) -> Json {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

impl Serialize for RawObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = RawObject;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut fields: Vec<(String, Json)> = Vec::new();
                let mut names = std::collections::HashSet::new();
                while let Some((name, value)) = map.next_entry::<String, Json>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("the field {name:?} is there twice")));
                    }
                    fields.push((name, value));
                }
                Ok(RawObject(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
