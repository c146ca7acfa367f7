// SPDX-License-Identifier: BSL-1.0
// The arithmetic of the oracle, in place: MPFR where it is installed, long double where that is IEEE quad (aarch64).
#pragma once

#include "exact_value.hpp"

#include <cfloat>

#if SMX_TEST_WITH_MPFR
#include <mpfr.h>
#endif

namespace smx_test {

#if SMX_TEST_WITH_MPFR

/// A number of `bits` bits. Operations change it; none allocates.
class real {
public:
    static constexpr bool serves_double = true;

    explicit real(mpfr_prec_t bits = 256) {
        mpfr_init2(value, bits);
        mpfr_init2(scratch, bits);
    }
    ~real() { mpfr_clears(value, scratch, static_cast<mpfr_ptr>(nullptr)); }
    real(real const&) = delete;
    real& operator=(real const&) = delete;

    void set(double v) { mpfr_set_d(value, v, MPFR_RNDN); }
    void set(exact_value const& v) {
        set(v.hi);
        add(v.lo);
        mpfr_mul_2si(value, value, v.exponent, MPFR_RNDN);
    }
    void add(double v) { mpfr_add_d(value, value, v, MPFR_RNDN); }
    void add(real const& v) { mpfr_add(value, value, v.value, MPFR_RNDN); }
    void multiply(double v) { mpfr_mul_d(value, value, v, MPFR_RNDN); }
    void multiply(real const& v) { mpfr_mul(value, value, v.value, MPFR_RNDN); }
    void invert() { mpfr_ui_div(value, 1, value, MPFR_RNDN); }
    void set_to_exp_of(real const& x) { mpfr_exp(value, x.value, MPFR_RNDN); }
    bool below(double bound) const { return mpfr_cmp_d(value, bound) < 0; }
    /// The value, or its magnitude.
    exact_value rounded() {
        exact_value result;
        if (mpfr_zero_p(value)) return result;
        mpfr_abs(scratch, value, MPFR_RNDN);
        result.hi = mpfr_get_d_2exp(&result.exponent, scratch, MPFR_RNDN);
        mpfr_mul_2si(scratch, scratch, -result.exponent, MPFR_RNDN);
        mpfr_sub_d(scratch, scratch, result.hi, MPFR_RNDN);
        result.lo = mpfr_get_d(scratch, MPFR_RNDN);
        return result;
    }
    double approximate() const { return mpfr_get_d(value, MPFR_RNDN); }

private:
    mpfr_t value, scratch;
};

#else

class real {
public:
    /// 64 bits leave 11 beyond those of double, too few for an argument of 700; 113 are plenty.
    static constexpr bool serves_double = LDBL_MANT_DIG >= 113;

    explicit real(int = 0) {}
    real(real const&) = delete;
    real& operator=(real const&) = delete;

    void set(double v) { value = static_cast<long double>(v); }
    void set(exact_value const& v) {
        value =
            std::ldexp(static_cast<long double>(v.hi) + static_cast<long double>(v.lo), static_cast<int>(v.exponent));
    }
    void add(double v) { value += static_cast<long double>(v); }
    void add(real const& v) { value += v.value; }
    void multiply(double v) { value *= static_cast<long double>(v); }
    void multiply(real const& v) { value *= v.value; }
    void invert() { value = 1 / value; }
    void set_to_exp_of(real const& x) { value = std::exp(x.value); }
    bool below(double bound) const { return value < static_cast<long double>(bound); }
    exact_value rounded() {
        exact_value result;
        if (value == 0) return result;
        int exponent = 0;
        long double const fraction = std::frexp(std::abs(value), &exponent);
        result.exponent = exponent;
        result.hi = static_cast<double>(fraction);
        result.lo = static_cast<double>(fraction - static_cast<long double>(result.hi));
        return result;
    }
    double approximate() const { return static_cast<double>(value); }

private:
    long double value = 0;
};

#endif

} // namespace smx_test
