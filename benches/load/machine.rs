//! What processes cost, as Linux counts it.

use std::fs;

/// Ticks a second; what Linux tells user space on every machine there is.
const TICKS: f64 = 100.0;

fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name stands in brackets and may hold anything
    let rest = text.rsplit_once(')')?.1;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn number(fields: &[String], place: usize) -> f64 {
    fields.get(place).and_then(|field| field.parse().ok()).unwrap_or(0.0)
}

/// Seconds of processor time of a process.
pub fn seconds_of(pid: u32) -> f64 {
    // utime and stime, counted from the field after the name
    stat(pid).map_or(0.0, |fields| (number(&fields, 11) + number(&fields, 12)) / TICKS)
}

/// The same of a process, its children, and those of them that have ended.
pub fn seconds_of_family(pid: u32) -> f64 {
    let ended = stat(pid).map_or(0.0, |fields| (number(&fields, 13) + number(&fields, 14)) / TICKS);
    let children = fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = children.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children = children.filter(|child| {
        stat(*child).is_some_and(|fields| fields.get(1).is_some_and(|parent| *parent == pid.to_string()))
    });
    ended + seconds_of(pid) + children.map(seconds_of).sum::<f64>()
}

/// The most memory a process ever held, in MiB.
pub fn peak_memory(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
