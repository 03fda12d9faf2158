//! What must hold for any course of events.

use std::time::Duration;

use proptest::prelude::*;

use super::receiver::Receiver;
use super::{START, ms};
use crate::pacer::{Moment, Pacer, PacerSettings, Returned};
use antre_core::Quota;
use antre_core::limit::{Limit, Limits};

const LATENCY: Duration = Duration::from_millis(40);

#[derive(Clone, Debug)]
enum Event {
    /// Time passes.
    Pass(Duration),
    /// Time passes until the next grant is allowed, and a request is sent: fractions of deadline and jitter.
    Send(f64, f64),
    /// The same without waiting for it: a request only if one is allowed now.
    TrySend(f64, f64),
    /// As Send, but the grant comes back unused.
    Return(Returned),
    /// The clock is set back.
    StepBack(Duration),
    Limited(Duration),
    Quota(u32, u32),
    OtherServer,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let part = || 0.0..=1.0;
    let span = |most_ms: u64| (0..most_ms * 1000).prop_map(Duration::from_micros);
    let returned = prop_oneof![Just(Returned::TooLate), Just(Returned::Stopping)];
    let event = prop_oneof![
        3 => span(3000).prop_map(Event::Pass),
        12 => (part(), part()).prop_map(|(send_within, jitter)| Event::Send(send_within, jitter)),
        6 => (part(), part()).prop_map(|(send_within, jitter)| Event::TrySend(send_within, jitter)),
        4 => returned.prop_map(Event::Return),
        2 => span(1500).prop_map(Event::StepBack),
        1 => span(100_000).prop_map(Event::StepBack),
        1 => span(3000).prop_map(Event::Limited),
        1 => (0u32..5, 1u32..20).prop_map(|(left, limit)| Event::Quota(left, limit)),
        1 => Just(Event::OtherServer),
    ];
    prop::collection::vec(event, 1..120)
}

fn pacer_settings() -> impl Strategy<Value = PacerSettings> {
    let limit = (1u32..20, 100u64..20_000)
        .prop_map(|(requests, window_ms)| Limit::new(requests, ms(window_ms)).unwrap());
    let limits = prop::collection::vec(limit, 1..=4).prop_map(|all| Limits::new(all).unwrap());
    let small = || (0u64..20_000).prop_map(Duration::from_micros);
    (limits, small(), small()).prop_map(|(limits, send_within, jitter_allowance)| PacerSettings {
        limits,
        send_within,
        jitter_allowance,
    })
}

/// A pacer, the clock it reads, and the receiver, which lives in true time.
struct Simulation {
    pacer: Pacer,
    jitter: Duration,
    receiver: Receiver,
    now: Moment,
    lag: Duration,
    servers: u32,
    names: u32,
}

impl Simulation {
    fn new(settings: &PacerSettings) -> Self {
        Self {
            pacer: Pacer::new(settings.clone()),
            jitter: settings.jitter_allowance,
            receiver: Receiver::default(),
            now: START,
            lag: Duration::ZERO,
            servers: 0,
            names: 0,
        }
    }

    fn clock(&self) -> Moment {
        Moment::from_unix_us(self.now.unix_us() - u64::try_from(self.lag.as_micros()).unwrap())
    }

    fn claim(&mut self) -> Option<(String, Duration)> {
        let followed = self.pacer.follow_clock(self.clock(), &self.servers.to_string());
        if self.pacer.earliest(followed.now).0 > followed.now {
            return None;
        }
        self.names += 1;
        let name = self.names.to_string();
        let send_within = self.pacer.grant(followed.now, &name);
        Some((name, send_within))
    }

    fn wait_and_claim(&mut self) -> (String, Duration) {
        for _ in 0..4 {
            if let Some(granted) = self.claim() {
                return granted;
            }
            self.now = self.now + self.pacer.earliest(self.clock()).0.since(self.clock());
        }
        panic!("waiting as told did not bring a grant");
    }

    fn send(&mut self, (name, send_within): (String, Duration), parts: (f64, f64)) {
        self.pacer.sent();
        let delay = send_within.mul_f64(parts.0) + LATENCY + self.jitter.mul_f64(parts.1);
        self.receiver.arrive(self.now + delay);
        self.names = name.parse().unwrap();
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Pass(time) => self.now = self.now + *time,
            Event::Send(send_within, jitter) => {
                let granted = self.wait_and_claim();
                self.send(granted, (*send_within, *jitter));
            }
            Event::TrySend(send_within, jitter) => {
                if let Some(granted) = self.claim() {
                    self.send(granted, (*send_within, *jitter));
                }
            }
            Event::Return(why) => {
                let (name, _) = self.wait_and_claim();
                assert!(self.pacer.give_back(self.clock(), &name, *why));
            }
            Event::StepBack(step) => self.lag += *step,
            Event::Limited(wait) => {
                self.pacer.limited(self.clock(), ("w", "unknown"), *wait);
            }
            Event::Quota(left, limit) => {
                let seen =
                    Quota { remaining: Some(*left), limit: Some(*limit), reset: Some(ms(500)) };
                self.pacer.observe_quota(self.clock(), &self.names.to_string(), seen);
            }
            Event::OtherServer => self.servers += 1,
        }
    }
}

proptest! {
    #[test]
    fn no_window_at_the_receiver_holds_too_many(settings in pacer_settings(), events in events()) {
        let mut simulation = Simulation::new(&settings);
        for event in &events {
            simulation.apply(event);
            prop_assert!(simulation.pacer.grants_logged() <= 1000);
        }
        prop_assert_eq!(simulation.receiver.excess(&settings.limits), 0);
    }

    #[test]
    fn one_limit_is_used_to_the_full(
        requests in 1u32..200, window_ms in 100u64..100_000, send_within_us in 0u64..20_000, jitter_us in 0u64..20_000,
    ) {
        let settings = PacerSettings {
            limits: Limits::new([Limit::new(requests, ms(window_ms)).unwrap()]).unwrap(),
            send_within: Duration::from_micros(send_within_us),
            jitter_allowance: Duration::from_micros(jitter_us),
        };
        let span = settings.limits.first().window() + settings.send_within + settings.jitter_allowance;
        let mut pacer = Pacer::new(settings);
        let mut now = START;
        for number in 0..requests * 3 {
            now = now.max(pacer.earliest(now).0);
            prop_assert!(now.since(START) <= span * (number / requests + 1));
            if number % requests == 0 {
                prop_assert_eq!(now.since(START), span * (number / requests));
            }
            pacer.grant(now, &number.to_string());
        }
    }

    #[test]
    fn a_grant_one_microsecond_earlier_would_break_the_pace_or_a_window(
        settings in pacer_settings(), pauses in prop::collection::vec(0u64..3_000_000, 1..60),
    ) {
        let mut pacer = Pacer::new(settings.clone());
        let (mut now, mut sent) = (START, Vec::<Moment>::new());
        for (number, pause_us) in pauses.into_iter().enumerate() {
            let earliest = pacer.earliest(now).0;
            if let Some(last) = sent.last().filter(|_| earliest > now) {
                let early = Moment::from_unix_us(earliest.unix_us() - 1);
                let breaks_pace = early.since(*last) < pacer.interval(*last);
                let breaks_window = settings.limits.iter().any(|limit| {
                    let nth = usize::try_from(limit.requests()).unwrap();
                    // Sent as late as it may, and as slow as it may.
                    let latest = |at: Moment| at + settings.send_within + settings.jitter_allowance;
                    sent.len() >= nth && early < latest(sent[sent.len() - nth]) + limit.window()
                });
                prop_assert!(breaks_pace || breaks_window, "{earliest:?} for no reason");
            }
            now = now.max(earliest);
            pacer.grant(now, &number.to_string());
            sent.push(now);
            now = now + Duration::from_micros(pause_us);
        }
    }

    #[test]
    fn the_log_is_bounded_and_keeps_what_the_largest_limit_counts(requests in 1u32..3000) {
        let limit = Limit::new(requests, ms(1000)).unwrap();
        let mut pacer = Pacer::new(PacerSettings {
            limits: Limits::new([limit]).unwrap(),
            send_within: Duration::ZERO,
            jitter_allowance: Duration::ZERO,
        });
        for number in 0..4000_u64 {
            pacer.grant(START + Duration::from_micros(number), &number.to_string());
        }
        prop_assert_eq!(pacer.grants_logged(), usize::try_from(requests).unwrap().max(1000));
    }
}
