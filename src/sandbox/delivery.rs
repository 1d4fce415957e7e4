//! How a reply travels: at once, or in one of the bad ways that a client must survive.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How long the slow ones take, all in all: within the deadline of a patient client.
pub(super) const SLOW: Duration = Duration::from_secs(3);
/// How long the silent ones hold a connection: beyond any client's deadline, yet not for ever.
pub(super) const SILENT: Duration = Duration::from_secs(600);
/// Lets what was sent reach the network before the connection breaks.
const FLUSH: Duration = Duration::from_millis(50);
/// A slow body comes in so many pieces.
const PIECES: usize = 8;

/// How a reply travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// As it should.
    AtOnce,
    /// The first byte comes after [`SLOW`].
    LateHeaders,
    /// The body comes piece by piece over [`SLOW`].
    SlowBody,
    /// Half of the body, then nothing more.
    Stall,
    /// Half of the body, then the connection ends.
    CutOff,
    /// Nothing ever comes.
    Hang,
    /// The connection ends without a reply.
    Close,
}

/// No reply is sent: the connection ends.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox ends the connection on purpose; ask for another habit to get a whole reply")]
pub(super) struct Broken;

/// A body that travels in steps.
pub(super) struct Body {
    announced: u64,
    steps: VecDeque<Step>,
    waiting: Option<Pin<Box<Sleep>>>,
}

enum Step {
    Send(Bytes),
    Wait(Duration),
    Break,
}

impl Delivery {
    /// What happens before the first byte.
    pub(super) async fn before_headers(self) -> Result<(), Broken> {
        match self {
            Self::LateHeaders => sleep(SLOW).await,
            Self::Hang => {
                sleep(SILENT).await;
                return Err(Broken);
            }
            Self::Close => return Err(Broken),
            Self::AtOnce | Self::SlowBody | Self::Stall | Self::CutOff => {}
        }
        Ok(())
    }
}

impl Body {
    pub(super) fn new(body: Vec<u8>, delivery: Delivery) -> Self {
        let announced = body.len() as u64;
        let bytes = Bytes::from(body);
        let half = || Step::Send(bytes.slice(..bytes.len() / 2));
        let steps = match delivery {
            Delivery::SlowBody => bytes
                .chunks(bytes.len().div_ceil(PIECES).max(1))
                .flat_map(|piece| {
                    let pause = SLOW / u32::try_from(PIECES).unwrap_or(1);
                    [Step::Wait(pause), Step::Send(bytes.slice_ref(piece))]
                })
                .collect(),
            Delivery::Stall => [half(), Step::Wait(SILENT), Step::Break].into(),
            Delivery::CutOff => [half(), Step::Wait(FLUSH), Step::Break].into(),
            Delivery::AtOnce | Delivery::LateHeaders | Delivery::Hang | Delivery::Close => {
                [Step::Send(bytes)].into()
            }
        };
        Self { announced, steps, waiting: None }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        loop {
            if let Some(wait) = &mut self.waiting {
                ready!(wait.as_mut().poll(context));
                self.waiting = None;
            }
            match self.steps.pop_front() {
                Some(Step::Wait(span)) => self.waiting = Some(Box::pin(sleep(span))),
                Some(Step::Send(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Step::Break) => return Poll::Ready(Some(Err(Broken))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::time::timeout;

    use super::*;

    async fn read(delivery: Delivery, within: Duration) -> Option<Result<Bytes, Broken>> {
        let collected = timeout(within, Body::new(b"0123456789".to_vec(), delivery).collect());
        collected.await.ok().map(|body| body.map(http_body_util::Collected::to_bytes))
    }

    const ALMOST_SLOW: Duration = Duration::from_millis(1_400);

    #[tokio::test(start_paused = true)]
    async fn a_body_comes_whole_at_once_or_slowly() {
        for (delivery, within) in
            [(Delivery::AtOnce, Duration::from_millis(1)), (Delivery::SlowBody, SLOW)]
        {
            let body = read(delivery, within).await;
            assert!(matches!(body, Some(Ok(b)) if b == "0123456789"), "{delivery:?}");
        }
        assert!(read(Delivery::SlowBody, ALMOST_SLOW).await.is_none(), "a slow body is slow");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_stalls_or_breaks_half_way() {
        for (delivery, within) in
            [(Delivery::Stall, SILENT / 2), (Delivery::CutOff, Duration::from_millis(1))]
        {
            let mut body = Body::new(b"0123456789".to_vec(), delivery);
            let first = body.frame().await.and_then(Result::ok).and_then(|f| f.into_data().ok());
            assert_eq!(first.as_deref(), Some(&b"01234"[..]), "{delivery:?}");
            assert!(timeout(within, body.frame()).await.is_err(), "{delivery:?} ends too soon");
            assert!(matches!(body.frame().await, Some(Err(Broken))), "{delivery:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn headers_come_late_or_never() {
        assert!(timeout(SLOW / 2, Delivery::LateHeaders.before_headers()).await.is_err());
        assert!(Delivery::LateHeaders.before_headers().await.is_ok());
        assert!(timeout(SILENT / 2, Delivery::Hang.before_headers()).await.is_err());
        assert!(Delivery::Hang.before_headers().await.is_err());
        assert!(Delivery::Close.before_headers().await.is_err());
    }
}
