//! Where tensors live: on the processor, or on the first graphics card in a build for one. Nothing
//! else in this crate knows the difference.

use burn::tensor::Device;

/// The device of this build.
#[cfg(not(feature = "wgpu"))]
pub(crate) fn device() -> Device {
    Device::flex()
}

/// The device of this build.
#[cfg(feature = "wgpu")]
pub(crate) fn device() -> Device {
    Device::wgpu(burn::tensor::DeviceKind::default())
}
