// SPDX-License-Identifier: BSL-1.0
// The backend test data of ONNX for Softmax and LogSoftmax, where a copy of its repository is at hand:
//     SMX_ONNX=path/to/onnx ctest -R onnx
// Skipped elsewhere: the data are not ours to copy.
#include <smx/log_softmax.hpp>
#include <smx/softmax.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace smx_test {
namespace {

struct tensor {
    std::vector<std::size_t> shape;
    std::vector<float> values;
};

/// A TensorProto of floats: field 1 holds dimensions, 4 floats, 9 raw bytes; the others are passed over.
class reader {
public:
    explicit reader(std::string const& path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error("cannot read " + path);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    tensor read() {
        tensor result;
        while (at < bytes.size()) {
            std::uint64_t const key = varint(), field = key >> 3, kind = key & 7;
            if (kind == 0) {
                std::uint64_t const value = varint();
                if (field == 1) result.shape.push_back(value);
                continue;
            }
            std::uint64_t const length = kind == 2 ? varint() : kind == 5 ? 4 : 8;
            if (length > bytes.size() - at) throw std::runtime_error("the file is cut short");
            if (field == 1) {
                for (std::size_t const end = at + length; at < end;) result.shape.push_back(varint());
                continue;
            }
            if (field == 4 || field == 9) {
                std::size_t const had = result.values.size();
                result.values.resize(had + length / sizeof(float));
                std::memcpy(result.values.data() + had, bytes.data() + at, length / sizeof(float) * sizeof(float));
            }
            at += length;
        }
        return result;
    }

private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; at < bytes.size() && shift < 64; shift += 7) {
            auto const byte = static_cast<unsigned char>(bytes[at++]);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if (byte < 0x80) return value;
        }
        throw std::runtime_error("the file is cut short");
    }

    std::string bytes;
    std::size_t at = 0;
};

struct Onnx : testing::TestWithParam<char const*> {};

TEST_P(Onnx, BackendDataHold) {
    char const* const onnx = std::getenv("SMX_ONNX");
    if (onnx == nullptr) GTEST_SKIP() << "set SMX_ONNX to a copy of the ONNX repository";
    std::string const name = GetParam();
    std::string const folder =
        std::string(onnx) + "/onnx/backend/test/data/pytorch-converted/" + name + "/test_data_set_0/";
    tensor const x = reader(folder + "input_0.pb").read(), expected = reader(folder + "output_0.pb").read();
    ASSERT_FALSE(x.values.empty());
    ASSERT_EQ(x.values.size(), expected.values.size());
    std::size_t const cols = x.shape.back();
    std::vector<float> y(x.values.size());
    smx::matrix_view<float const> const from(x.values.data(), x.values.size() / cols, cols);
    smx::matrix_view<float> const to(y.data(), from.rows, cols);
    if (name.find("og") != std::string::npos)
        smx::log_softmax(from, to);
    else
        smx::softmax(from, to);
    // The tolerance of ONNX is rtol 1e-3, atol 1e-7; the data themselves are good to a few 1e-7.
    for (std::size_t i = 0; i != y.size(); ++i)
        EXPECT_NEAR(y[i], expected.values[i], 1e-7F + 2e-6F * std::abs(expected.values[i])) << "element " << i;
}

// All of them along the last axis.
INSTANTIATE_TEST_SUITE_P(PytorchConverted, Onnx,
                         testing::Values("test_Softmax", "test_LogSoftmax", "test_softmax_lastdim",
                                         "test_softmax_functional_dim3", "test_log_softmax_dim3",
                                         "test_log_softmax_lastdim"),
                         [](auto const& data) { return std::string(data.param); });

} // namespace
} // namespace smx_test
