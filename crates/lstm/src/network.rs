//! The layers: LSTM of 64, dropout, LSTM of 32, dropout, a dense layer of 16 with ReLU, and one
//! number for each coming day.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, Lstm, LstmConfig};
use burn::tensor::{Device, Tensor, activation};

use crate::{HORIZON_DAYS, features};

const FIRST_UNITS: usize = 64;
const SECOND_UNITS: usize = 32;
const DENSE_UNITS: usize = 16;
const DROPOUT: f64 = 0.2;

/// The network. Dropout works while it is trained and is silent otherwise.
#[derive(Module, Debug)]
pub(crate) struct Network {
    first: Lstm,
    first_dropout: Dropout,
    second: Lstm,
    second_dropout: Dropout,
    dense: Linear,
    output: Linear,
}

impl Network {
    /// A network with weights drawn from the generator of the device.
    pub(crate) fn new(device: &Device) -> Network {
        Network {
            first: LstmConfig::new(features::COUNT, FIRST_UNITS, true).init(device),
            first_dropout: DropoutConfig::new(DROPOUT).init(),
            second: LstmConfig::new(FIRST_UNITS, SECOND_UNITS, true).init(device),
            second_dropout: DropoutConfig::new(DROPOUT).init(),
            dense: LinearConfig::new(SECOND_UNITS, DENSE_UNITS).init(device),
            output: LinearConfig::new(DENSE_UNITS, HORIZON_DAYS).init(device),
        }
    }

    /// From windows (one by day by feature) to days ahead (one by day).
    pub(crate) fn forward(&self, windows: Tensor<3>) -> Tensor<2> {
        let (sequence, _) = self.first.forward(windows, None);
        let (_, state) = self
            .second
            .forward(self.first_dropout.forward(sequence), None);
        let last = self.second_dropout.forward(state.hidden);
        self.output
            .forward(activation::relu(self.dense.forward(last)))
    }
}
