//! Numbers about the server as a whole, as Prometheus text. No label names a person, a document or a session.

use std::time::Duration;

use metrics::{Counter, Gauge, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// Upper bounds of the request durations counted, in seconds: from a lock taken on an idle server to an upload over
/// a slow line.
const REQUEST_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];
const REQUESTS: &str = "holdfast_http_request_seconds";
const PLACE: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

/// One server's own counters: no global recorder, so that several servers can run in one process.
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    /// Sockets open now.
    pub(crate) sockets: Gauge,
    /// Frames that clients sent.
    pub(crate) frames_received: Counter,
    /// Readers cut off from a room, or disconnected, because they were too slow.
    pub(crate) slow_readers: Counter,
    /// Wrong sign-ins.
    pub(crate) wrong_sign_ins: Counter,
}

impl Metrics {
    /// A registry of its own.
    pub(crate) fn new() -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUESTS.to_owned()), REQUEST_SECONDS)?
            .build_recorder();
        recorder.describe_histogram(
            KeyName::from_const_str(REQUESTS),
            Some(Unit::Seconds),
            "Time to answer, by method, route and status".into(),
        );
        let counter = |name: &'static str, what: &'static str| {
            recorder.describe_counter(KeyName::from_const_str(name), None, what.into());
            recorder.register_counter(&Key::from_static_name(name), &PLACE)
        };
        let frames_received = counter(
            "holdfast_socket_frames_received_total",
            "Frames that clients sent",
        );
        let slow_readers = counter(
            "holdfast_slow_readers_total",
            "Readers cut off for being too slow",
        );
        let wrong_sign_ins = counter("holdfast_wrong_sign_ins_total", "Sign-ins refused");
        let sockets = "holdfast_sockets";
        recorder.describe_gauge(KeyName::from_const_str(sockets), None, "Sockets open now".into());
        Ok(Self {
            sockets: recorder.register_gauge(&Key::from_static_name(sockets), &PLACE),
            handle: recorder.handle(),
            frames_received,
            slow_readers,
            wrong_sign_ins,
            recorder,
        })
    }

    /// Counts an answered request. `route` is the route's template, never the path itself.
    pub(crate) fn answered(&self, method: &http::Method, route: &str, status: u16, after: Duration) {
        let labels = vec![
            Label::new("method", known(method)),
            Label::new("route", route.to_owned()),
            Label::new("status", status.to_string()),
        ];
        let key = Key::from_parts(REQUESTS, labels);
        self.recorder
            .register_histogram(&key, &PLACE)
            .record(after.as_secs_f64());
    }

    /// Everything, as Prometheus text.
    pub(crate) fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds what was recorded into its buckets; due now and then, so that memory stays bounded without a scraper.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

/// The method as a label: one that nobody knows must not make a series of its own.
fn known(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_under_its_route() {
        let metrics = Metrics::new().unwrap();
        metrics.answered(&http::Method::GET, "/v1/me", 200, Duration::from_millis(3));
        metrics.sockets.increment(1.0);
        let text = metrics.render();
        assert!(
            text.contains(
                r#"holdfast_http_request_seconds_count{method="GET",route="/v1/me",status="200"} 1"#
            )
        );
        assert!(text.contains("holdfast_sockets 1"));
    }
}
