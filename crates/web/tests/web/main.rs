//! What holds for the console and the API, on a sample hospital in memory.

#[cfg(test)]
mod api;
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod classification;
#[cfg(test)]
mod console;
mod corrections;
#[cfg(test)]
mod house;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod phone;
#[cfg(test)]
mod sboms;
#[cfg(test)]
mod sensors;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod triage;
#[cfg(test)]
mod untold;
#[cfg(test)]
mod written;
