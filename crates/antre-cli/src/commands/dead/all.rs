//! All dead jobs at once, in portions.

use antre_store::Queue;
use antre_store::operate::{OPERATE_MAX, Retried};

use crate::exit_status::ExitStatus;
use crate::output::{counted, print};

/// Retries every job that was dead when this began. Those that stay dead are told, not counted as failures.
pub(super) async fn retry(queue: &Queue) -> anyhow::Result<ExitStatus> {
    let dead = queue.status().await?.dead;
    let (mut revived, mut seen, mut staying, mut replaced) = (0_usize, 0_u64, 0_usize, 0_usize);
    while seen < dead {
        // Those that stay are the latest ones again and again, so they are passed over.
        let ids = queue.dead_ids(staying, OPERATE_MAX).await?;
        if ids.is_empty() {
            break;
        }
        let outcomes = queue.retry(&ids).await?;
        let now = outcomes.iter().filter(|outcome| **outcome == Retried::Revived).count();
        revived += now;
        staying += outcomes.len() - now;
        replaced += outcomes.iter().filter(|outcome| **outcome == Retried::Replaced).count();
        seen += u64::try_from(outcomes.len())?;
    }
    print(&format!("{} revived", counted(revived, "job")))?;
    if staying > replaced {
        print(&format!(
            "{} left dead: correct what would fail in the same way, and enqueue it again",
            counted(staying - replaced, "job")
        ))?;
    }
    if replaced > 0 {
        print(&format!(
            "{} left dead whose bill another job has taken over: antre dead list names them, discard them",
            counted(replaced, "job")
        ))?;
    }
    Ok(ExitStatus::Done)
}

/// Discards every job that was dead when this began.
pub(super) async fn discard(queue: &Queue) -> anyhow::Result<ExitStatus> {
    let dead = queue.status().await?.dead;
    let mut discarded = 0_usize;
    while u64::try_from(discarded)? < dead {
        let ids = queue.dead_ids(0, OPERATE_MAX).await?;
        let now = queue.discard(&ids).await?;
        if now == 0 {
            break;
        }
        discarded += now;
    }
    print(&format!("{} discarded", counted(discarded, "job")))?;
    Ok(ExitStatus::Done)
}
