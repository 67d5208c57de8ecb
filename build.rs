//! Lists the data files under `config/` and the pictures of the manual and embeds them, so that the binary carries them and a new file
//! needs no list.

use std::{env, fs, io, io::Write as _, path::Path};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=config");
    println!("cargo:rerun-if-changed=docs/pictures");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    embed_data(&root, &out)?;
    embed_pictures(&root, &out)
}

/// The names in a folder, sorted.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn embed_data(root: &str, out: &str) -> io::Result<()> {
    let mut file = fs::File::create(Path::new(out).join("embedded.rs"))?;
    writeln!(
        file,
        "/// Data files of the catalogue, as (path below `config/`, text)."
    )?;
    writeln!(file, "pub(crate) const EMBEDDED: &[(&str, &str)] = &[")?;
    for folder in ["code-lists", "rules", "calendars"] {
        for name in names_in(&Path::new(root).join("config").join(folder))? {
            writeln!(
                file,
                "    (\"{folder}/{name}\", include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/config/{folder}/{name}\"))),"
            )?;
        }
    }
    writeln!(file, "];")
}

fn embed_pictures(root: &str, out: &str) -> io::Result<()> {
    let mut file = fs::File::create(Path::new(out).join("pictures.rs"))?;
    writeln!(file, "/// The manual's pictures, as (name, content).")?;
    writeln!(file, "const PICTURES: &[(&str, &[u8])] = &[")?;
    for name in names_in(&Path::new(root).join("docs/pictures"))? {
        if let Some(stem) = name.strip_suffix(".png") {
            writeln!(
                file,
                "    (\"{stem}\", include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/docs/pictures/{name}\"))),"
            )?;
        }
    }
    writeln!(file, "];")
}
