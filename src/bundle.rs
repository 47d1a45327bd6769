//! Where the built files of the GraphiQL page are, and their building for the demo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The tree this program was compiled from; on another machine there is nothing at this place.
const SOURCE: &str = env!("CARGO_MANIFEST_DIR");

/// The folder of the built files: `../share/quorate/graphiql` seen from the program, or else the source tree's own.
pub fn folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let installed = program.as_deref().and_then(Path::parent).map(|bin| bin.join("../share/quorate/graphiql"));
    installed.into_iter().chain([in_source()]).find(|folder| complete(folder))
}

fn in_source() -> PathBuf {
    Path::new(SOURCE).join("assets/graphiql")
}

fn complete(folder: &Path) -> bool {
    ["graphiql.js", "graphiql.js.gz", "graphiql.css", "graphiql.css.gz"].iter().all(|file| folder.join(file).is_file())
}

/// Builds the files with npm, in about twenty seconds, and gives their folder.
///
/// # Errors
/// A line that says what to run instead.
pub fn build() -> Result<PathBuf, String> {
    let script = Path::new(SOURCE).join("scripts/graphiql");
    if !script.is_file() {
        return Err(
            "GraphiQL is left out: its files are not beside the program, build them with ./scripts/graphiql in \
             the source tree"
                .into(),
        );
    }
    // asked first, because the script would install it, and the demo installs nothing on a machine
    if !succeeds(Command::new("npm").arg("--version")) {
        return Err(format!("GraphiQL is left out: install Node.js with npm, then run {}", script.display()));
    }
    let folder = in_source();
    if succeeds(&mut Command::new(&script)) && complete(&folder) {
        return Ok(folder);
    }
    Err(format!("GraphiQL could not be built; to see why, run {}", script.display()))
}

fn succeeds(command: &mut Command) -> bool {
    // the address of the database may hold a password, which is no business of npm
    command.env_remove("DATABASE_URL").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
