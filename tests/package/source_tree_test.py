# SPDX-License-Identifier: BSL-1.0
"""smx as part of another project: add_subdirectory and FetchContent bring smx::smx, and nothing else of smx."""

from toolbox import CONSUMER, NO_FORCED_INLINING, SOURCE, XSIMD_FOLDER, PackageTest, main


class SourceTree(PackageTest):
    def consume(self, way, *options):
        build = self.folder / way
        self.must("cmake", "-S", CONSUMER / way, "-B", build, f"-DSMX_XSIMD_INCLUDE_DIR={XSIMD_FOLDER}",
                  f"-DCMAKE_CXX_FLAGS={NO_FORCED_INLINING}", *options)
        self.must("cmake", "--build", build)
        self.must(build / "consumer")
        return build

    def test_add_subdirectory(self):
        build = self.consume("add_subdirectory", f"-DSMX_SOURCE_DIR={SOURCE}")
        options = self.must("cmake", "-N", "-LA", build)
        for option in ("SMX_BUILD_TESTS", "SMX_BUILD_BENCH", "SMX_BUILD_EXAMPLES", "SMX_INSTALL"):
            self.assertIn(f"{option}:BOOL=OFF", options)
        self.must("cmake", "--install", build, "--prefix", self.folder / "prefix")
        self.assertFalse((self.folder / "prefix").exists(), "a project that holds smx would install it")

    def test_fetch_content(self):
        self.consume("fetch_content", f"-DFETCHCONTENT_SOURCE_DIR_SMX={SOURCE}")


main()
