//! Workers: threads that take items in turn.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Has workers, as many as there are jobs, take items in turn. What they say is heard on the caller's thread.
pub fn in_parallel<T: Sync, M: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T, &dyn Fn(M)) + Sync,
    hear: impl FnMut(M),
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                // The receiver lives as long as this scope, so that nothing said is lost.
                let say = |message| drop(sender.send(message));
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    work(item, &say);
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(hear);
    });
}
