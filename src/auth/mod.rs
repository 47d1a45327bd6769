//! stub
use uuid::Uuid;
/// stub
pub struct Principal;
impl Principal {
    /// s
    pub fn person(&self) -> Uuid {
        Uuid::nil()
    }
    /// s
    pub fn agency(&self) -> Uuid {
        Uuid::nil()
    }
    /// s
    pub fn roles(&self) -> &[String] {
        &[]
    }
}
