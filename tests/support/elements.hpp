// SPDX-License-Identifier: BSL-1.0
// The element types that tests are typed over, and the names of typed tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace smx_test {

using element_types = testing::Types<float, double>;

template <class T> std::string name_of() { return std::is_same_v<T, float> ? "float" : "double"; }

/// Of an element type, or of a type that knows its name.
struct names {
    template <class K> static std::string GetName(int) {
        if constexpr (requires { K::name(); })
            return K::name();
        else
            return name_of<K>();
    }
};

/// Under qemu, under sanitizers and where nothing is optimised long lists are thinned out.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SMX_TEST_WITH_SANITIZER 1
#endif
#endif
#if defined(__aarch64__) || defined(SMX_TEST_WITH_SANITIZER) || defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
inline constexpr bool emulated = true;
#else
inline constexpr bool emulated = false;
#endif

} // namespace smx_test
