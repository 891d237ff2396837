//! The writing of a site: whole, or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::files::unwritable;
use super::stop::Stop;
use crate::report::site::{File, MARK};

/// Where a site will be, and a folder beside it in which it is made.
pub(super) struct Place {
    folder: PathBuf,
    making: TempDir,
}

impl Place {
    /// Looks at the place before anything is made: it must be free, or hold a site of ours.
    ///
    /// # Errors
    /// When it holds anything else, or cannot be written.
    pub(super) fn new(folder: &Path) -> Result<Place> {
        let shown = folder.display();
        if folder.file_name().is_none() {
            return Err(Stop::usage(format!("{shown} cannot be replaced: name a folder in it")).into());
        }
        let is_ours = folder.join(MARK).is_file();
        let is_empty = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unwritable(folder, &error).into()),
        };
        if !is_ours && !is_empty {
            return Err(Stop::usage(format!("{shown} holds something else than a site: name another folder")).into());
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let making = tempfile::Builder::new().prefix(".audit578-site-").tempdir_in(parent);
        let making = making.map_err(|error| unwritable(folder, &error))?;
        Ok(Place { folder: folder.to_owned(), making })
    }

    /// Writes the files, and puts them in the place of what was there.
    ///
    /// # Errors
    /// When something cannot be written. What was there is then as it was.
    pub(super) fn publish(self, files: &[File]) -> Result<()> {
        let (new, old) = (self.making.path().join("new"), self.making.path().join("old"));
        write(&new, files).with_context(|| format!("cannot write {}", self.folder.display()))?;
        let had = self.folder.exists();
        let replace = || -> io::Result<()> {
            if had {
                fs::rename(&self.folder, &old)?;
            }
            fs::rename(&new, &self.folder).inspect_err(|_| {
                // Nothing better can be done than to try.
                drop(fs::rename(&old, &self.folder));
            })
        };
        replace().with_context(|| format!("cannot replace {}", self.folder.display()))
    }
}

fn write(folder: &Path, files: &[File]) -> io::Result<()> {
    for File { path, bytes } in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}
