//! Lists the data files under `config/` and embeds them, so that the binary carries them and a new file needs no list.

use std::{env, fs, io, io::Write as _, path::Path};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=config");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let mut file = fs::File::create(Path::new(&out).join("embedded.rs"))?;
    writeln!(
        file,
        "/// Data files of the catalogue, as (path below `config/`, text)."
    )?;
    writeln!(file, "pub(crate) const EMBEDDED: &[(&str, &str)] = &[")?;
    for folder in ["code-lists", "rules", "calendars"] {
        let mut names = Vec::new();
        for entry in fs::read_dir(Path::new(&root).join("config").join(folder))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        for name in names {
            writeln!(
                file,
                "    (\"{folder}/{name}\", include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/config/{folder}/{name}\"))),"
            )?;
        }
    }
    writeln!(file, "];")
}
