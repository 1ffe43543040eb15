//! The content of an enum's variant as JSON, without the variant's name: that one is stored as the event's type.

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny,
    IntoDeserializer, VariantAccess, Visitor,
};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};
use serde_json::Value;

use super::{DecodeError, EventType};
use crate::store::{EventData, Payload};

/// For generated code: the body to store for a value of an enum.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn encode_variant<T: Serialize>(value: &T) -> Result<Payload, serde_json::Error> {
    match serde_json::to_value(value)? {
        // Externally tagged, as the derive has checked: `{"Variant": content}`, or `"Variant"` with no content.
        Value::Object(tagged) if tagged.len() == 1 => {
            Payload::of(&tagged.into_iter().next().map(|(_, content)| content))
        }
        _ => Payload::of(&serde_json::Map::new()),
    }
}

/// For generated code: reads a stored event into the variant with this index, counted as serde counts them.
///
/// # Errors
/// [`DecodeError`].
pub fn decode_variant<T: DeserializeOwned>(
    event_type: &EventType,
    index: usize,
    event: &EventData,
) -> Result<T, DecodeError> {
    let shape = |source| DecodeError::Shape {
        event_type: event_type.name(),
        schema_version: event.schema_version,
        source,
    };
    if event.schema_version == event_type.schema_version() {
        let mut content = serde_json::Deserializer::from_slice(event.payload.as_bytes());
        let value = T::deserialize(Variant {
            index,
            content: &mut content,
        })
        .map_err(shape)?;
        content.end().map_err(shape)?;
        Ok(value)
    } else {
        let content = event_type.current(event)?;
        T::deserialize(Variant { index, content }).map_err(shape)
    }
}

struct Variant<D> {
    index: usize,
    content: D,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Variant<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(de::Error::custom(
            "an enum of events must be externally tagged, as serde does by default",
        ))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // By index: serde's list of names holds the aliases too.
        visitor.visit_enum(Tagged {
            index: self.index,
            content: self.content,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Tagged<D> {
    index: usize,
    content: D,
}

impl<'de, D: Deserializer<'de>> EnumAccess<'de> for Tagged<D> {
    type Error = D::Error;
    type Variant = Content<D>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Content<D>), D::Error> {
        let index: de::value::UsizeDeserializer<D::Error> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, Content(self.content)))
    }
}

struct Content<D>(D);

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Content<D> {
    type Error = D::Error;

    fn unit_variant(self) -> Result<(), D::Error> {
        IgnoredAny::deserialize(self.0).map(|_| ())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, D::Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct("event", fields, visitor)
    }
}
