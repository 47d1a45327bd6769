//! How large, deep and dear a document may be.

use serde::Deserialize;

/// Limits of a document. Checked before anything walks it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentLimits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Tokens of the document.
    pub tokens: usize,
    /// Open brackets at once.
    pub nesting: usize,
    /// Aliases of an operation, through its fragments.
    pub aliases: u64,
    /// Fields of an operation, through its fragments.
    pub fields: u64,
    /// Levels of an operation. A connection takes two of them, so a screen of seven nouns needs sixteen.
    pub depth: u64,
    /// Nested list fields of an introspection; the standard query needs two.
    pub introspection: u64,
    /// Directives of one field.
    pub directives: usize,
    /// Operations of a document, and fragments, and variables of an operation.
    pub definitions: usize,
    /// Cost of an operation: a point a field, what is below a connection times its page.
    pub cost: u64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            tokens: 8000,
            nesting: 64,
            aliases: 30,
            fields: 2000,
            depth: 16,
            introspection: 2,
            directives: 4,
            definitions: 100,
            cost: 200_000,
        }
    }
}
