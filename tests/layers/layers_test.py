# SPDX-License-Identifier: BSL-1.0
"""The layers of include/smx hold, and the check finds each kind of violation when one is planted."""

import shutil
import tempfile
import unittest
from pathlib import Path

from check_functions import emitted, outer_functions
from check_layers import violations

INCLUDE = Path(__file__).resolve().parents[2] / "include"

# what is planted: (the file, the line, words of the report)
PLANTED = {
    "an include that points up": ("simd/pack.hpp", "#include <smx/math/exp.hpp>", "layer 1 includes <smx/math/exp.hpp>"),
    "an operator below operators": ("driver/row.hpp", "#include <smx/softmax.hpp>", "layer 4 includes <smx/softmax.hpp>"),
    "vocabulary that uses a layer": ("matrix.hpp", "#include <smx/simd/arch.hpp>", "layer 0 includes <smx/simd/arch.hpp>"),
    "an include by file": ("math/exp.hpp", '#include "accuracy.hpp"', '"accuracy.hpp" is not written as <smx/...>'),
    "a header that is not there": ("softmax.hpp", "#include <smx/driver/gone.hpp>", "does not exist"),
    "a folder that is no layer": ("helpers/all.hpp", "", "the folder helpers/ is not one of the layers"),
    "xsimd's header": ("driver/row.hpp", "#include <xsimd/xsimd.hpp>", "<xsimd/xsimd.hpp> is included outside simd/"),
    "the header of x86": ("math/exp.hpp", "#include <immintrin.h>", "<immintrin.h> is included outside simd/"),
    "the header of Arm": ("math/exp.hpp", "# include <arm_neon.h>", "<arm_neon.h> is included outside simd/"),
    "xsimd's name": ("softmax.hpp", "using arch = xsimd::default_arch;", "xsimd:: is named outside simd/"),
    "an intrinsic of x86": ("math/exp.hpp", "auto v = _mm512_setzero_ps();", "_mm512_setzero_ps is named outside simd/"),
    "a register of x86": ("math/exp.hpp", "__m256d v;", "__m256d is named outside simd/"),
    "an intrinsic of Arm": ("math/exp.hpp", "auto v = vfmaq_f32(a, b, c);", "vfmaq_f32 is named outside simd/"),
    "a register of Arm": ("math/exp.hpp", "float32x4_t v;", "float32x4_t is named outside simd/"),
}


class Layers(unittest.TestCase):
    def test_they_hold(self):
        self.assertTrue(list(INCLUDE.rglob("*.hpp")))
        self.assertEqual(list(violations(INCLUDE)), [])

    def copy_with(self, file, line):
        folder = tempfile.TemporaryDirectory(prefix="smx-layers-")
        self.addCleanup(folder.cleanup)
        include = Path(folder.name) / "include"
        shutil.copytree(INCLUDE, include)
        planted = include / "smx" / file
        planted.parent.mkdir(exist_ok=True)
        before = planted.read_text() if planted.exists() else ""
        planted.write_text(f"{before}\n{line}\n")
        return include

    def test_each_planted_violation_is_found(self):
        for what, (file, line, words) in PLANTED.items():
            with self.subTest(what):
                found = list(violations(self.copy_with(file, line)))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(file), found)
                self.assertIn(words, found[0])

    def test_comments_may_name_anything(self):
        for line in ("// like xsimd::exp or _mm512_scalef_ps", "/* xsimd::batch,\n   vfmaq_f32 */"):
            self.assertEqual(list(violations(self.copy_with("math/exp.hpp", line))), [])

    def test_outer_functions_are_known_by_their_names(self):
        known = outer_functions(INCLUDE)
        for name in ("algorithm::weigh_full_row", "driver::stablemax_kernel::row", "three_pass_reload_t::weights"):
            self.assertIn(name, known)
        # SMX_NOINLINE, for a user, and SMX_INLINE
        for name in ("driver::normalize_lone_row", "driver::top_k_kernel::row", "softmax", "algorithm::sweep"):
            self.assertNotIn(name, known)

    def test_an_outer_function_that_is_one_by_itself_is_found(self):
        smx = "smx::v0_1_avx2_fma::"
        one, member = (f"bool {smx}algorithm::weigh_full_row<{smx}standard_t, int>({smx}row<int> const&) [clone .isra.0]",
                       f"void {smx}driver::stablemax_kernel<{smx}standard_t>::row<int>(int) const")
        lambdas = f"auto {smx}algorithm::weigh_full_row<int>(int)::{{lambda(int)#1}}::operator()(int) const"
        others = f"void {smx}driver::top_k_kernel<{smx}standard_t>::row<int>(int) const"
        self.assertEqual(emitted([one, lambdas, member, others], outer_functions(INCLUDE)), [one, member])


if __name__ == "__main__":
    unittest.main(verbosity=2)
