//! The frame of every process: configuration, telemetry, broker, listener, signals, draining.

use std::future::Future;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::failures;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::cli::{Arguments, Command};
use crate::http::ProbeListener;
use crate::profile::Profile;
use crate::telemetry::{self, Telemetry, TelemetryOptions};
use crate::{
    CommonConfig, Cpu, Layers, LoadedConfig, Problem, Readiness, Resources, Service, StartError,
    health, load, metrics,
};

/// Threads that keep connections alive; CPU-bound work has threads of its own.
const WORKERS: usize = 2;
/// How long the last words may take: closing the connection, sending spans.
const LAST_WORDS: Duration = Duration::from_secs(2);
const MISUSE: u8 = 2;

/// The work of a process, from its start to its end.
type Work = Box<
    dyn FnOnce(
        Resources,
        CancellationToken,
        Readiness,
    ) -> BoxFuture<'static, Result<(), StartError>>,
>;

/// A process that is configured. Its work stands behind a pointer, so that the frame is compiled once and not in each program.
struct Program {
    name: &'static str,
    common: CommonConfig,
    /// The whole configuration as TOML, with secrets redacted.
    toml: Result<String, toml::ser::Error>,
    work: Work,
}

impl Program {
    fn of<S: Service>(layers: &Layers) -> Result<Self, Vec<Problem>> {
        let loaded = load::<S::Config>(layers)?;
        let toml = loaded.to_toml();
        let LoadedConfig { common, own } = loaded;
        let work =
            move |resources, shutdown, ready| S::run(own, resources, shutdown, ready).boxed();
        Ok(Self { name: S::NAME, common, toml, work: Box::new(work) })
    }
}

/// Runs the process of a service, from its command line to its exit code.
pub fn main<S: Service>() -> ExitCode {
    begin(S::NAME, &S::about(), Program::of::<S>)
}

fn begin(
    name: &'static str,
    about: &str,
    program: fn(&Layers) -> Result<Program, Vec<Problem>>,
) -> ExitCode {
    let arguments = match Arguments::read(name, about) {
        Ok(arguments) => arguments,
        Err(message) => {
            // Help and version go to standard output, misuse to standard error; nothing can be done if that fails.
            let _ = message.print();
            return if message.use_stderr() { ExitCode::from(MISUSE) } else { ExitCode::SUCCESS };
        }
    };
    let program = match program(&arguments.layers(name)) {
        Ok(program) => program,
        Err(problems) => {
            say(&format!("{name}: the configuration has {} problem(s):", problems.len()));
            for problem in problems {
                say(&format!("  {problem}"));
            }
            return ExitCode::from(MISUSE);
        }
    };
    if let Err(problems) = crate::fault::prepare() {
        for problem in problems {
            say(&format!("{name}: {problem}"));
        }
        return ExitCode::from(MISUSE);
    }
    if arguments.print_config {
        return print_config(&program.toml);
    }
    if arguments.check_config {
        return ExitCode::SUCCESS;
    }
    match arguments.command {
        Some(Command::Health) => match health::check(&program.common) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&format!("{name}: {}", failures::with_causes(&error)));
                ExitCode::FAILURE
            }
        },
        None => serve(program),
    }
}

fn print_config(toml: &Result<String, toml::ser::Error>) -> ExitCode {
    match toml {
        Ok(text) if std::io::stdout().lock().write_all(text.as_bytes()).is_ok() => {
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("the configuration cannot be shown as TOML: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(program: Program) -> ExitCode {
    let name = program.name;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("{name}: cannot start the async runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(program));
    // Computations cannot be broken off; the process does not wait for them.
    runtime.shutdown_timeout(Duration::from_millis(200));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{name}: {}", failures::with_causes(&error)));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(program: Program) -> Result<(), StartError> {
    let Program { name, common, work, .. } = program;
    let common = Arc::new(common);
    let replica: Arc<str> = replica(name, &common).into();
    let telemetry = start_telemetry(&common, name, &replica)?;
    crate::fault::announce();
    let shutdown = CancellationToken::new();
    let profile = common.profile_file.as_deref().map(Profile::start).transpose()?;
    let _signals = AbortOnDropHandle::new(tokio::spawn(until_signal(shutdown.clone())?));
    let ended = serve_until(name, work, replica, common, shutdown).await;
    if let Err(error) = &ended {
        tracing::error!(error = failures::with_causes(error), "the process ends");
    }
    if let Some(profile) = profile {
        profile.end();
    }
    telemetry.end(LAST_WORDS);
    ended
}

fn start_telemetry(
    common: &CommonConfig,
    name: &'static str,
    replica: &str,
) -> Result<Telemetry, StartError> {
    let filter = telemetry::filter(&common.log.level)
        .map_err(|error| StartError::new("cannot use log.level", error))?;
    let telemetry = telemetry::start_telemetry(TelemetryOptions {
        name,
        instance: replica,
        filter,
        format: common.log.format,
        otlp: &common.otlp,
        carries_traces: true,
    })?;
    telemetry::log_panics();
    Ok(telemetry)
}

async fn serve_until(
    name: &'static str,
    work: Work,
    replica: Arc<str>,
    common: Arc<CommonConfig>,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let metrics = metrics::start(name, &replica)?;
    let authority = common.http.authority();
    let authority = authority
        .map_err(|source| StartError::new("callers cannot be told from each other", source))?;
    let authority = Arc::new(authority);
    let listener = ProbeListener::bind(&common.http, Arc::clone(&authority)).await?;
    let ready = Readiness::new(common.ready_file.clone());
    ready.address("http", listener.location());
    let connected = tokio::select! {
        connected = connect(&common, name) => Some(connected),
        () = shutdown.cancelled() => None,
    };
    let Some(connected) = connected else { return Ok(()) };
    let (bus, artifacts) = connected?;
    ready.needs(bus.clone());
    let until = CancellationToken::new();
    let probes = tokio::spawn(listener.serve(
        ready.clone(),
        Some(bus.clone()),
        metrics.clone(),
        until.clone(),
    ));
    let cpu = Cpu::new(common.stage.cpu_tasks);
    let bus_of_work = bus.clone();
    let resources =
        Resources { bus: bus_of_work, artifacts, name, replica, cpu, common, metrics, authority };
    let ended = work(resources, shutdown, ready.clone()).await;
    ready.not_ready();
    until.cancel();
    bus.close(LAST_WORDS).await;
    if tokio::time::timeout(LAST_WORDS, probes).await.is_err() {
        tracing::debug!("a probe was still being answered at the end");
    }
    ended
}

async fn connect(
    common: &CommonConfig,
    name: &'static str,
) -> Result<(Bus, ArtifactStore), StartError> {
    let bus = Bus::connect(&common.nats, name).await?;
    let uri = &common.artifacts.uri;
    // The set-up may be running at this moment.
    let artifacts =
        retry_transient(common, || ArtifactStore::open(uri, &bus), artifacts::Error::is_transient)
            .await;
    let artifacts =
        artifacts.map_err(|error| StartError::new("cannot open the artifact store", error))?;
    Ok((bus, artifacts))
}

/// Repeats what fails transiently, for at most `nats.connect_timeout_seconds`, and gives the last result.
pub async fn retry_transient<T, E, F>(
    common: &CommonConfig,
    attempt: impl Fn() -> F,
    is_transient: impl Fn(&E) -> bool,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let limit =
        Duration::try_from_secs_f64(common.nats.connect_timeout_seconds).unwrap_or_default();
    let until = tokio::time::Instant::now() + limit;
    loop {
        match attempt().await {
            Err(error) if is_transient(&error) && tokio::time::Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            ended => return ended,
        }
    }
}

fn replica(name: &str, common: &CommonConfig) -> String {
    match &common.replica {
        Some(replica) => replica.clone(),
        // Process ids repeat in containers.
        None => format!("{name}-{:08x}", uuid::Uuid::new_v4().as_fields().0),
    }
}

fn until_signal(shutdown: CancellationToken) -> Result<impl Future<Output = ()>, StartError> {
    let listen =
        |kind| signal(kind).map_err(|error| StartError::new("cannot listen to signals", error));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to end; finishing what is in hand");
        shutdown.cancel();
    })
}

/// What a person at the terminal has to read, before or after there are logs.
fn say(line: &str) {
    // There is no further place to complain to.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
