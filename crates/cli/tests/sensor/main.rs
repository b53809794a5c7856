//! What holds for the sensor as a program.

#[cfg(test)]
mod live;
