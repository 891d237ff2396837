//! The folder of a site, which is written as a whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::files::unwritable;
use super::stop::Stop;
use crate::report::site::{File, MARK};

/// The folder of a site, and a temporary folder beside it. The site is first made in the temporary folder.
pub(super) struct Place {
    folder: PathBuf,
    making: TempDir,
}

impl Place {
    /// Checks the folder before the site is made: it must be new or empty, or have a site of this program.
    ///
    /// # Errors
    /// Returns an error when the folder has other files, or when it cannot be written.
    pub(super) fn new(folder: &Path) -> Result<Place> {
        let shown = folder.display();
        if folder.file_name().is_none() {
            return Err(Stop::usage(format!("{shown} cannot be replaced; name a folder in it")).into());
        }
        let is_ours = folder.join(MARK).is_file();
        let is_empty = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unwritable(folder, &error).into()),
        };
        if !is_ours && !is_empty {
            return Err(Stop::usage(format!("{shown} has files that are not of a site; name another folder")).into());
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let making = tempfile::Builder::new().prefix(".audit578-site-").tempdir_in(parent);
        let making = making.map_err(|error| unwritable(folder, &error))?;
        Ok(Place { folder: folder.to_owned(), making })
    }

    /// Writes the files, and replaces the folder.
    ///
    /// # Errors
    /// Returns an error when a file cannot be written. The folder is then unchanged.
    pub(super) fn publish(self, files: &[File]) -> Result<()> {
        let (new, old) = (self.making.path().join("new"), self.making.path().join("old"));
        write(&new, files).with_context(|| format!("cannot write {}", self.folder.display()))?;
        let had = self.folder.exists();
        let replace = || -> io::Result<()> {
            if had {
                fs::rename(&self.folder, &old)?;
            }
            fs::rename(&new, &self.folder).inspect_err(|_| {
                // If this fails too, nothing else helps.
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
