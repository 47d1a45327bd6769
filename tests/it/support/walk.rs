//! Walks the schema itself, so that what a guard covers is never a list kept by hand.

use apollo_compiler::ast::Type;
use apollo_compiler::schema::{ExtendedType, FieldDefinition, ObjectType};
use apollo_compiler::{Node, Schema};

/// The schema as the server tells it.
pub struct Walk(Schema);

impl Walk {
    pub fn new() -> Self {
        Self(Schema::parse(quorate::graphql::sdl(), "schema.graphql").unwrap())
    }

    /// Every object type of the API, by name.
    pub fn objects(&self) -> Vec<(String, &ObjectType)> {
        let mut out: Vec<_> = self
            .0
            .types
            .iter()
            .filter_map(|(name, ty)| match ty {
                ExtendedType::Object(object) if !name.starts_with("__") => Some((name.to_string(), &**object)),
                _ => None,
            })
            .collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }

    /// The objects with a global id.
    pub fn nodes(&self) -> Vec<String> {
        let nodes = self.objects().into_iter().filter(|(_, o)| o.implements_interfaces.iter().any(|i| *i == "Node"));
        nodes.map(|(name, _)| name).collect()
    }

    /// The fields of an object type, by name.
    pub fn fields(&self, ty: &str) -> Vec<Node<FieldDefinition>> {
        let mut out: Vec<_> = match self.0.types.get(ty) {
            Some(ExtendedType::Object(object)) => object.fields.values().cloned().collect(),
            _ => vec![],
        };
        out.sort_by(|a, b| a.name.cmp(&b.name));
        out
    }

    /// True if a value of this type has no selection.
    pub fn is_leaf(&self, ty: &Type) -> bool {
        matches!(self.0.types.get(ty.inner_named_type()), Some(ExtendedType::Scalar(_) | ExtendedType::Enum(_)))
    }

    /// The fields of an object type that have no selection and need no argument.
    pub fn leaves(&self, ty: &str) -> Vec<String> {
        let leaves = self.fields(ty).into_iter().filter(|f| self.is_leaf(&f.ty) && f.arguments.is_empty());
        leaves.map(|f| f.name.to_string()).collect()
    }
}
