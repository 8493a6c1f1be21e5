//! How many questions are answered at the same time. One more than that waits a while for a place
//! and is then turned away with a time to come back; it never waits without end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// When a question that was turned away may come again, seconds.
const RETRY_AFTER_S: u32 = 2;

/// Places for questions.
#[derive(Debug)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    /// How many places there are.
    places_max: usize,
    /// How long a question may wait for one.
    wait_max: Duration,
}

/// The place of one question, free again when this is dropped. It belongs to the thread that works,
/// not to the request: one whose client has gone still takes up the processor until it notices.
#[derive(Debug)]
pub(crate) struct Place(
    #[expect(dead_code, reason = "held only to be dropped")] OwnedSemaphorePermit,
);

impl Gate {
    /// So many places, of which none is taken.
    pub(crate) fn new(places_max: usize, wait_max: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places_max)),
            places_max,
            wait_max,
        }
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Result<Place, ApiError> {
        let entering = Arc::clone(&self.places).acquire_owned();
        match tokio::time::timeout(self.wait_max, entering).await {
            Ok(entered) => entered.map(Place).map_err(ApiError::internal),
            Err(_) => {
                metrics::counter!("almanac_questions_turned_away_total").increment(1);
                Err(ApiError::Unavailable {
                    reason: format!(
                        "{} questions are being answered and none ended within {} ms; ask again \
                         later",
                        self.places_max,
                        self.wait_max.as_millis()
                    ),
                    retry_after_s: RETRY_AFTER_S,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{StatusCode, header};
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_question_too_many_waits_and_is_then_turned_away() {
        let gate = Gate::new(2, Duration::from_millis(500));
        let first = gate.enter().await.unwrap();
        let _second = gate.enter().await.unwrap();
        let asked = tokio::time::Instant::now();
        let refused = gate.enter().await.unwrap_err().into_response();
        assert_eq!(asked.elapsed(), Duration::from_millis(500));
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "2");
        drop(first);
        gate.enter().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_waits_gets_the_next_free_place() {
        let gate = Gate::new(1, Duration::from_secs(5));
        let first = gate.enter().await.unwrap();
        let leaving = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(first);
        };
        let (entered, ()) = tokio::join!(gate.enter(), leaving);
        assert!(entered.is_ok());
    }
}
