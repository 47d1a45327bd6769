//! Reading ahead is faster and never another truth: everything the schema lets ask is answered by a server that reads
//! ahead and by one that does not, byte for byte the same.
//!
//! `QUORATE_PROOF=long` asks as every persona.

use crate::support::App;
use crate::support::contents::settled;
use crate::support::stage::Stage;
use crate::support::sweep::{Found, Sweep, is_long};

async fn both_ways(app: App) {
    let mut stage = Stage::set(app).await;
    let mut personas = vec!["social_worker", "school_dsl", "police", "chair", "named_doctor", "service_manager"];
    if is_long() {
        personas = Stage::personas();
    }
    let (ahead, level_by_level) = (stage.app.endpoint.clone(), stage.app.beside_that_reads_late());
    for persona in personas {
        stage.app.endpoint.clone_from(&ahead);
        let mut found = Found { answers: Some(vec![]), ..Found::default() };
        let work = async |sweep: &mut Sweep<'_>| {
            sweep.queries(&stage.given(sweep.facts)).await;
            sweep.objects().await;
            sweep.pages().await;
        };
        stage.turn(persona, &mut found, work).await;
        let answers = found.answers.take().unwrap();
        assert!(answers.len() > 100, "{persona} asked {} things", answers.len());
        stage.app.endpoint.clone_from(&level_by_level);
        let mut other = Vec::new();
        let work = async |sweep: &mut Sweep<'_>| {
            for asked in answers.iter().filter(|asked| !asked.query.contains("accessLog")) {
                let (before, after) = (settled(&asked.answer), settled(&sweep.again(asked).await));
                if before != after {
                    other.push((asked.query.clone(), asked.variables.clone(), before, after));
                }
            }
        };
        stage.turn(persona, &mut found, work).await;
        if let Some((query, variables, before, after)) = other.first() {
            let at = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(200);
            panic!(
                "{persona} is answered otherwise {} times: {query:.600} {variables}\n{:.600}\n{:.600}",
                other.len(),
                before.get(at..).unwrap_or_default(),
                after.get(at..).unwrap_or_default(),
            );
        }
    }
}

both!(or_level_by_level, super::both_ways);
