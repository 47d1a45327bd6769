//! The GraphQL multipart request convention, for one file in one variable. The parts come in its order: `operations`, `map`,
//! the file. What a part says of its own name and type is not believed, and what is more than that is refused.

use std::collections::BTreeMap;
use std::convert::Infallible;

use actix_web::http::header::{self, HeaderMap};
use async_graphql::{Request, Value};
use futures_util::stream;
use multer::{Constraints, Multipart, SizeLimit};

use crate::graphql::code::ErrorCode;
use crate::graphql::document::RequestError;
use crate::graphql::scalars::{Sent, Upload};

type Read<T> = Result<T, RequestError>;

/// Bytes that stand around a file at the most.
pub const AROUND: usize = 64 * 1024;
/// Bytes of `map` at the most: it names one variable.
const MAP: u64 = 1024;

fn bad(message: &str) -> RequestError {
    RequestError::new(400, ErrorCode::BadRequest, message)
}

/// The boundary of a multipart body; `None` of a body that is none.
pub fn boundary(headers: &HeaderMap) -> Option<String> {
    let content = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(content).ok()
}

/// Reads a body that is there whole: the operation, its file, and `null` in the variable replaced by the mark of one.
pub async fn read(
    body: Vec<u8>,
    boundary: String,
    most: u64,
    operation: impl FnOnce(&[u8]) -> Read<Request>,
) -> Read<Request> {
    let limits = SizeLimit::new().for_field("operations", AROUND as u64).for_field("map", MAP).per_field(most);
    let body = stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limits));
    let mut request = operation(&part(&mut parts, "operations").await?)?;
    let map: BTreeMap<String, Vec<String>> = serde_json::from_slice(&part(&mut parts, "map").await?)
        .map_err(|_| bad("The part map names the variable of the file."))?;
    let mut map = map.into_iter();
    let (Some((file, variables)), None) = (map.next(), map.next()) else { return Err(bad("Send one file.")) };
    let [variable] = variables.as_slice() else { return Err(bad("A file belongs to one variable.")) };
    let place = place(&mut request, variable).ok_or_else(|| bad("The part map names no variable that is null."))?;
    *place = Value::from(Upload::MARK);
    let content = part(&mut parts, &file).await?;
    match parts.next_field().await {
        Ok(None) => Ok(request.data(Sent::new(content))),
        Ok(Some(_)) => Err(bad("Send one file.")),
        Err(error) => Err(unreadable(&error)),
    }
}

/// The variable of a path such as `variables.input.file`, which must be null.
fn place<'r>(request: &'r mut Request, path: &str) -> Option<&'r mut Value> {
    let mut names = path.strip_prefix("variables.")?.split('.');
    let first = request.variables.get_mut(names.next()?)?;
    let place = names.try_fold(first, |value, name| match value {
        Value::Object(fields) => fields.get_mut(name),
        _ => None,
    })?;
    (*place == Value::Null).then_some(place)
}

async fn part(parts: &mut Multipart<'_>, name: &str) -> Read<Vec<u8>> {
    let part = parts.next_field().await.map_err(|error| unreadable(&error))?;
    let part = part.filter(|part| part.name() == Some(name));
    let part = part.ok_or_else(|| bad("The parts are operations, map and the file, in this order."))?;
    Ok(part.bytes().await.map_err(|error| unreadable(&error))?.into())
}

fn unreadable(error: &multer::Error) -> RequestError {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            RequestError::new(413, ErrorCode::PayloadTooLarge, "The file is too large.")
        }
        _ => bad("The body is not multipart/form-data."),
    }
}
