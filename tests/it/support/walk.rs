//! Walks the schema itself, so that what a guard covers is never a list kept by hand.

use std::collections::BTreeMap;

use apollo_compiler::ast::Type;
use apollo_compiler::schema::{ExtendedType, FieldDefinition, InputObjectType, ObjectType};
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

    /// A selection of everything below a type, so many objects deep; lists by pages of `page`.
    pub fn below(&self, ty: &str, depth: usize, page: usize) -> String {
        if let Some(ExtendedType::Union(union)) = self.0.types.get(ty) {
            let each = union.members.iter().map(|of| format!("... on {of} {{ {} }}", self.below(of, depth, page)));
            return each.collect::<Vec<_>>().join(" ");
        }
        let (connection, wraps) = (ty.ends_with("Connection"), is_part_of_a_list(ty));
        let mut out = vec!["__typename".to_owned()];
        for field in self.fields(ty) {
            let (name, inner) = (&field.name, field.ty.inner_named_type());
            let needs = field.arguments.iter().any(|a| a.is_required());
            assert!(!needs, "{ty}.{name} needs an argument, which no selection of everything can give");
            if self.is_leaf(&field.ty) {
                out.push(name.to_string());
            } else if connection && name == "nodes" {
                // the same rows as below `edges`
                out.push("nodes { __typename }".to_owned());
            } else if wraps || depth > 0 {
                let paged = if inner.ends_with("Connection") && field.arguments.iter().any(|a| a.name == "first") {
                    format!("(first: {page})")
                } else {
                    String::new()
                };
                let left = if wraps { depth } else { depth - 1 };
                out.push(format!("{name}{paged} {{ {} }}", self.below(inner, left, page)));
            }
        }
        out.join(" ")
    }

    /// The ways to call a root field: with each value of each argument that an argument can have. `given` names values by
    /// the argument's name, where the schema does not name them itself.
    pub fn calls(&self, field: &FieldDefinition, given: &Given) -> Vec<String> {
        let of = field.ty.inner_named_type().as_str();
        let values = |argument: &apollo_compiler::ast::InputValueDefinition| {
            let all = self.values(&argument.ty, &argument.name, of, given);
            all.into_iter().map(|value| format!("{}: {value}", argument.name)).collect::<Vec<_>>()
        };
        let (required, optional): (Vec<_>, Vec<_>) = field.arguments.iter().partition(|a| a.is_required());
        let required: Vec<_> = required.into_iter().map(|a| values(a)).collect();
        let first: Vec<_> = required.iter().map(|v| v.first().expect("a value").clone()).collect();
        let mut calls = vec![first.clone()];
        for (place, values) in required.iter().enumerate() {
            calls.extend(values.iter().skip(1).map(|value| {
                let mut call = first.clone();
                call[place].clone_from(value);
                call
            }));
        }
        // places of a list are followed by whoever reads it
        for argument in optional.into_iter().filter(|a| a.name != "after") {
            calls.extend(values(argument).into_iter().map(|value| [first.clone(), vec![value]].concat()));
        }
        let call = |arguments: Vec<String>| {
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
        };
        calls.into_iter().map(call).collect()
    }

    fn values(&self, ty: &Type, name: &str, of: &str, given: &Given) -> Vec<String> {
        let named = ty.inner_named_type().as_str();
        let quoted = |texts: &[&str]| texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>();
        let each = match (self.0.types.get(named), given.of(name, of)) {
            (_, Some(texts)) => texts.iter().map(|text| format!("\"{text}\"")).collect(),
            (Some(ExtendedType::Enum(of)), None) => of.values.keys().map(ToString::to_string).collect(),
            (Some(ExtendedType::InputObject(of)), None) => self.inputs(of, given),
            (Some(ExtendedType::Scalar(_)), None) => match named {
                "Int" => vec!["1".to_owned(), "100".to_owned()],
                "Boolean" => vec!["true".to_owned(), "false".to_owned()],
                "Date" => quoted(&["2026-06-01"]),
                "DateTime" => quoted(&["2026-10-01T00:00:00Z"]),
                _ => panic!("no value for the argument {name} of type {named}: give it one"),
            },
            _ => panic!("no value for the argument {name} of type {named}: give it one"),
        };
        if ty.is_list() { each.into_iter().map(|value| format!("[{value}]")).collect() } else { each }
    }

    /// An input object with each of its fields alone, beside those it cannot be without.
    fn inputs(&self, input: &InputObjectType, given: &Given) -> Vec<String> {
        let values = |field: &apollo_compiler::ast::InputValueDefinition| {
            let all = self.values(&field.ty, &field.name, "", given);
            all.into_iter().map(|value| format!("{}: {value}", field.name)).collect::<Vec<_>>()
        };
        let required = input.fields.values().filter(|f| f.is_required()).map(|f| values(f)[0].clone());
        let required: Vec<_> = required.collect();
        let optional: Vec<_> = input.fields.values().filter(|f| !f.is_required()).flat_map(|f| values(f)).collect();
        if optional.is_empty() {
            return vec![format!("{{{}}}", required.join(", "))];
        }
        let with = |value: String| format!("{{{}}}", [required.clone(), vec![value]].concat().join(", "));
        optional.into_iter().map(with).collect()
    }
}

/// The types that only hold a list together.
pub fn is_part_of_a_list(ty: &str) -> bool {
    ty.ends_with("Connection") || ty.ends_with("Edge")
}

/// Values for arguments, by the argument's name; an `id` by the type it is the id of.
#[derive(Default)]
pub struct Given(pub BTreeMap<String, Vec<String>>);

impl Given {
    fn of(&self, name: &str, ty: &str) -> Option<&Vec<String>> {
        self.0.get(name).or_else(|| self.0.get(&format!("{name} of {ty}")))
    }
}
