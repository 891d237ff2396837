//! Values that case files write in several forms. `untagged` of serde would lose the places of faults.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// A value that may be written as a scalar, a list or a map, each of another type.
#[derive(Debug)]
pub(super) enum Form<Scalar, List, Map> {
    Scalar(Scalar),
    List(List),
    Map(Map),
}

/// One value, or a list of them.
pub(super) type OneOrMany<T> = Form<T, Vec<T>, T>;

impl<T> OneOrMany<T> {
    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            Form::Scalar(one) | Form::Map(one) => vec![one],
            Form::List(many) => many,
        }
    }
}

impl<'de, S, L, M> Deserialize<'de> for Form<S, L, M>
where
    S: Deserialize<'de>,
    L: Deserialize<'de>,
    M: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Form<S, L, M>, D::Error> {
        deserializer.deserialize_any(FormVisitor(PhantomData))
    }
}

struct FormVisitor<T>(PhantomData<T>);

impl<'de, S, L, M> Visitor<'de> for FormVisitor<Form<S, L, M>>
where
    S: Deserialize<'de>,
    L: Deserialize<'de>,
    M: Deserialize<'de>,
{
    type Value = Form<S, L, M>;

    // The type of each form reads it, and gives the message if it is wrong.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar, a list or a map")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        S::deserialize(().into_deserializer()).map(Form::Scalar)
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Self::Value, E> {
        S::deserialize(on.into_deserializer()).map(Form::Scalar)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        S::deserialize(number.into_deserializer()).map(Form::Scalar)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        S::deserialize(number.into_deserializer()).map(Form::Scalar)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        S::deserialize(number.into_deserializer()).map(Form::Scalar)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        S::deserialize(text.into_deserializer()).map(Form::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        L::deserialize(SeqAccessDeserializer::new(seq)).map(Form::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        M::deserialize(MapAccessDeserializer::new(map)).map(Form::Map)
    }
}

#[cfg(test)]
impl<S, L, M> schemars::JsonSchema for Form<S, L, M>
where
    S: schemars::JsonSchema,
    L: schemars::JsonSchema,
    M: schemars::JsonSchema,
{
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Form".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut forms =
            vec![generator.subschema_for::<S>(), generator.subschema_for::<L>(), generator.subschema_for::<M>()];
        forms.dedup();
        if forms[0] == forms[forms.len() - 1] {
            forms.pop();
        }
        schemars::json_schema!({ "anyOf": forms })
    }
}
