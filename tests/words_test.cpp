// SPDX-License-Identifier: BSL-1.0
// Rows of 16-bit numbers and of bytes, register by register, on the registers of the machine that this is compiled for.
#include "support/formats.hpp"
#include "support/guarded.hpp"

#include <smx/simd/convert.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace smx_test {
namespace {

namespace simd = smx::simd;

using V = simd::vector<float, simd::default_arch>;
using full_pack = simd::pack<V>;
using line_pack = simd::pack<V, simd::line_registers<V>>;

template <class S> class Words : public testing::Test {};
struct format_names {
    template <class S> static std::string GetName(int) { return format<S>::name; }
};
using half_types = testing::Types<smx::bfloat16, smx::float16>;
TYPED_TEST_SUITE(Words, half_types, format_names);

template <class S> void expect_packs_round(std::vector<float> const& from) {
    alignas(64) float in[full_pack::size];
    S out[full_pack::size];
    for (std::size_t begin = 0; begin < from.size(); begin += full_pack::size) {
        for (std::size_t i = 0; i != full_pack::size; ++i) in[i] = from[(begin + i) % from.size()];
        auto const v = simd::load_pack<full_pack>(in, simd::whole{}, V(0));
        simd::store(out, v, simd::whole{});
        for (std::size_t i = 0; i != full_pack::size; ++i) ASSERT_TRUE(equal(out[i], S(in[i]))) << in[i];
        simd::store(out, v, simd::partial{full_pack::size});
        for (std::size_t i = 0; i != full_pack::size; ++i) ASSERT_TRUE(equal(out[i], S(in[i]))) << in[i] << ", in part";
    }
}

TYPED_TEST(Words, RoundAsNumbersDo) {
    using S = TypeParam;
    std::vector<float> all = nans();
    for (auto const& c : rounding_cases<S>()) {
        all.push_back(c.from);
        all.push_back(-c.from);
    }
    std::mt19937 random(2);
    for (int i = 0; i != 300000; ++i) all.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
    expect_packs_round<S>(all);
}

TYPED_TEST(Words, ReadEveryPattern) {
    using S = TypeParam;
    S in[full_pack::size];
    alignas(64) float out[full_pack::size];
    for (std::uint32_t begin = 0; begin != 0x10000; begin += full_pack::size) {
        for (std::uint32_t i = 0; i != full_pack::size; ++i)
            in[i] = S::from_bits(static_cast<std::uint16_t>(begin + i));
        simd::store(out, simd::load_pack<full_pack>(in, simd::whole{}, V(0)), simd::whole{});
        for (std::size_t i = 0; i != full_pack::size; ++i) ASSERT_TRUE(equal(out[i], float(in[i]))) << begin + i;
    }
}

TYPED_TEST(Words, PartialPacksStayWithinTheRow) {
    using S = TypeParam;
    guarded<S> memory(64);
    for (std::size_t count = 0; count <= line_pack::size; ++count)
        for (bool at_end : {false, true}) {
            auto const row = at_end ? memory.at_end(count, 0) : memory.at_start(count, 0);
            for (std::size_t i = 0; i != count; ++i) row[i] = S(static_cast<float>(i + 1));
            auto const v = simd::load_pack<line_pack>(row.data(), simd::partial{count}, V(-7));
            alignas(64) float lanes[line_pack::size];
            simd::store(lanes, v, simd::whole{});
            for (std::size_t i = 0; i != line_pack::size; ++i)
                ASSERT_EQ(lanes[i], i < count ? static_cast<float>(i + 1) : -7) << count;
            simd::store(row.data(), v + V(1), simd::partial{count});
            for (std::size_t i = 0; i != count; ++i) ASSERT_EQ(float(row[i]), static_cast<float>(i + 2)) << count;
            ASSERT_TRUE(memory.intact()) << count;
        }
}

TYPED_TEST(Words, WhatIsNotWantedIsNotRead) {
    using S = TypeParam;
    guarded<S> memory(64);
    for (std::size_t count = 0; count <= line_pack::size; ++count) {
        auto const row = memory.at_end(count, 0); // what follows cannot be read
        alignas(64) float wanted[line_pack::size] = {}, lanes[line_pack::size];
        for (std::size_t i = 0; i != count; ++i) {
            row[i] = S(static_cast<float>(i + 1));
            wanted[i] = i % 3 == 0 ? 1 : 0;
        }
        auto const mask = simd::load_pack<line_pack>(wanted, simd::whole{}, V(0));
        auto const check = [&](auto extent) {
            simd::store(lanes, simd::load_pack_where(row.data(), extent, mask), simd::whole{});
            for (std::size_t i = 0; i != line_pack::size; ++i)
                ASSERT_EQ(lanes[i], wanted[i] != 0 ? static_cast<float>(i + 1) : 0) << count;
        };
        check(simd::whole{});
        check(simd::partial{count});
    }
}

TEST(Bytes, EveryOneIsStored) {
    for (std::size_t first = 0; first <= 256 - full_pack::size; ++first) {
        alignas(64) float in[full_pack::size];
        std::uint8_t out[full_pack::size];
        for (std::size_t i = 0; i != full_pack::size; ++i) in[i] = static_cast<float>(first + i);
        simd::store(out, simd::load_pack<full_pack>(in, simd::whole{}, V(0)), simd::whole{});
        for (std::size_t i = 0; i != full_pack::size; ++i) ASSERT_EQ(out[i], first + i);
    }
}

TEST(Bytes, PartialPacksStayWithinTheRow) {
    guarded<std::uint8_t> memory(64);
    for (std::size_t count = 0; count <= line_pack::size; ++count) {
        auto const row = memory.at_start(count, 3);
        simd::store(row.data(), simd::fill<line_pack>(V(200)), simd::partial{count});
        for (std::uint8_t const v : row) ASSERT_EQ(v, 200) << count;
        ASSERT_TRUE(memory.intact()) << count;
    }
}

} // namespace
} // namespace smx_test
