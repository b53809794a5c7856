//! `tallyward serve`: the console for a real hospital.

use crate::args::Serve;
use crate::config::Config;
use crate::exit::{DONE, Failure, Outcome};
use crate::letter_folder::LetterFolder;
use crate::wire;
use std::net::SocketAddr;
use std::time::Duration;
use tallyward_app::App;
use tallyward_web::{ConsoleOptions, answer_router, router};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Queued messages are looked at so often.
const SEND_EVERY: Duration = Duration::from_secs(10);
/// Whether a run over a source was asked for is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The folder of letters is looked into so often.
const LETTERS_EVERY: Duration = Duration::from_secs(60);
/// What sensors brought is settled so often.
const SENSORS_EVERY: Duration = Duration::from_secs(60);
/// Presence and the age of versions are worked out anew so often.
const REFRESH_EVERY: Duration = Duration::from_secs(6 * 3_600);

pub fn run(args: &Serve, mut config: Config) -> Outcome {
    if let Some(listen) = args.listen {
        if config.base_url == format!("http://{}", config.listen) {
            config.base_url = format!("http://{listen}");
        }
        if config.answer_url == format!("http://{}", config.listen) {
            config.answer_url = format!("http://{listen}");
        }
        config.listen = listen;
    }
    let app = wire::open(&config)?.app;
    if let Some(path) = app.first_link()? {
        println!("Make the first account here (good once, for a day): {}{path}", config.base_url);
    }
    if app.mode()?.shadow {
        println!("Shadow mode: everything is worked out and shown, nothing is sent.");
    }
    serve(&app, &config)
}

/// Serves the console, and the answer pages on their own listener when one is set, until interrupted.
pub fn serve(app: &App, config: &Config) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::away(format!("failed to start: {error}")))?;
    runtime.block_on(listen(app, config))?;
    Ok(DONE)
}

async fn listen(app: &App, config: &Config) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let options = ConsoleOptions {
        secure_cookies: config.secure_cookies,
        answers_here: config.answer_listen.is_none(),
    };
    let console = bind(config.listen).await?;
    let answers = match config.answer_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    println!("Console: http://{}", config.listen);
    // The first page should be as quick as the second: read what lists and counts are answered from.
    let warm = app.clone();
    tokio::task::spawn_blocking(move || warm.overview().and_then(|_| warm.worklist_top(1, 1)).map(|_| ()));
    let timers = [
        every(app.clone(), SEND_EVERY, send),
        every(app.clone(), REFRESH_EVERY, refresh),
        every(app.clone(), SENSORS_EVERY, settle_sensors),
    ];
    let watching = [
        sync_timer(app.clone(), config.clone()),
        Some(sync_asked(app.clone(), config.clone())),
        letters_timer(app.clone(), config),
    ];
    let until = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let answering = answers.map(|listener| {
        println!("Answer pages: http://{}", listener.local_addr().map_or(config.listen, |address| address));
        tokio::spawn(tallyward_web::serve(listener, answer_router(app.clone()), until(stopped.clone())))
    });
    let serving = tokio::spawn(tallyward_web::serve(console, router(app.clone(), options), until(stopped)));
    interrupted().await;
    let _ = stop.send(true);
    for timer in timers.into_iter().chain(watching.into_iter().flatten()) {
        timer.abort();
    }
    for task in [Some(serving), answering].into_iter().flatten() {
        // Open connections of browsers must not keep the process: a moment, then it ends.
        let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::away(format!("failed to listen on {address}: {error}; is it in use? --listen takes another"))
    })
}

fn every(app: App, period: Duration, work: fn(&App)) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let app = app.clone();
            let _ = tokio::task::spawn_blocking(move || work(&app)).await;
        }
    })
}

/// Fetches from the sources so often as the configuration says; `None` when it says never.
fn sync_timer(app: App, config: Config) -> Option<tokio::task::JoinHandle<()>> {
    let period = Duration::from_secs(u64::from(config.sync.every_hours) * 3_600);
    if period.is_zero() {
        return None;
    }
    Some(tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let (app, config) = (app.clone(), config.clone());
            let work = move || {
                if let Err(failure) = super::sources::run_over(&app, &config, None, false) {
                    eprintln!("tallyward: fetching: {failure}");
                }
            };
            let _ = tokio::task::spawn_blocking(work).await;
        }
    }))
}

/// Fetches from the sources that a person asked for on the console.
fn sync_asked(app: App, config: Config) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for name in app.take_asked() {
                let (app, config) = (app.clone(), config.clone());
                let work = move || {
                    if let Err(failure) = super::sources::run_over(&app, &config, Some(&name), false) {
                        eprintln!("tallyward: fetching: {failure}");
                    }
                };
                let _ = tokio::task::spawn_blocking(work).await;
            }
        }
    })
}

/// Looks into the folder of letters; `None` when none is watched.
fn letters_timer(app: App, config: &Config) -> Option<tokio::task::JoinHandle<()>> {
    let mut folder = LetterFolder::new(config.letters.folder.as_deref()?);
    Some(tokio::spawn(async move {
        let mut ticks = tokio::time::interval(LETTERS_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let app = app.clone();
            let look = move || {
                folder.look(&app);
                folder
            };
            // It only ends by a panic in the look itself; the page then shows how old the last one is.
            let Ok(back) = tokio::task::spawn_blocking(look).await else { return };
            folder = back;
        }
    }))
}

fn send(app: &App) {
    if let Err(error) = app.send_due() {
        eprintln!("tallyward: sending: {error}");
    }
}

fn refresh(app: &App) {
    if let Err(error) = app.refresh().and_then(|_| app.refresh_drafts()) {
        eprintln!("tallyward: refreshing: {error}");
    }
}

fn settle_sensors(app: &App) {
    if let Err(error) = app.settle_sensors() {
        eprintln!("tallyward: what sensors brought: {error}");
    }
}

pub async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
