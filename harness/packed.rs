//! Packed files: texts that the program carries, as `harness/build.rs` packed them.

use miniz_oxide::inflate::decompress_to_vec;

/// Unpacks files: the path and the text of each, in the order of the paths.
///
/// # Panics
/// Never: the build packs whole files.
pub(crate) fn unpack(packed: &[u8]) -> Vec<(String, String)> {
    let bytes = decompress_to_vec(packed).expect("the build packs files");
    let text = String::from_utf8(bytes).expect("the build packs text");
    let mut parts = text.split_terminator('\0').map(str::to_owned);
    std::iter::from_fn(|| Some((parts.next()?, parts.next()?))).collect()
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    #[test]
    fn files_come_back_as_they_were() {
        let files = [("a/b.yaml", "event: x\n"), ("empty", ""), ("z", "é")];
        let text: String = files.iter().map(|(path, text)| format!("{path}\0{text}\0")).collect();
        let unpacked = unpack(&compress_to_vec(text.as_bytes(), 9));
        assert_eq!(unpacked, files.map(|(path, text)| (path.to_owned(), text.to_owned())));
        assert_eq!(unpack(&compress_to_vec(b"", 9)), []);
    }
}
