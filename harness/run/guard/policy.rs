//! The policy: what a user demands of a hook, by capability.

use std::collections::BTreeSet;

use crate::suite::Capability;
use crate::suite::words;

words! {
    /// The thing that a hook must do with an operation.
    Must {
        /// Deny it.
        Deny = "deny",
        /// Let it pass.
        Allow = "allow",
    }
}

/// The demands of a user.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The capabilities that the hook must deny.
    pub deny: BTreeSet<Capability>,
    /// The capabilities that it must let pass.
    pub allow: BTreeSet<Capability>,
}

impl Policy {
    /// Makes a policy.
    ///
    /// # Errors
    /// A message when a capability is to be denied and allowed.
    pub fn new(deny: &[Capability], allow: &[Capability]) -> Result<Policy, String> {
        let policy = Policy { deny: deny.iter().copied().collect(), allow: allow.iter().copied().collect() };
        match policy.deny.intersection(&policy.allow).next() {
            Some(both) => Err(format!("`{both}` is in --deny and in --allow; name it in one of them")),
            None => Ok(policy),
        }
    }

    /// Tells whether nothing is demanded.
    pub fn is_empty(&self) -> bool {
        self.deny.is_empty() && self.allow.is_empty()
    }

    /// Returns the demand for an operation with these capabilities. One that must be denied is enough. Only an operation
    /// that can do nothing but what is allowed must be let pass.
    pub fn demand(&self, capabilities: &[Capability]) -> Option<Must> {
        if capabilities.iter().any(|one| self.deny.contains(one)) {
            return Some(Must::Deny);
        }
        let is_allowed = !capabilities.is_empty() && capabilities.iter().all(|one| self.allow.contains(one));
        is_allowed.then_some(Must::Allow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denial_wins_and_only_what_is_wholly_allowed_must_pass() {
        use Capability::{Network, Read, Write};
        let policy = Policy::new(&[Write], &[Read]).expect("a policy");
        for (capabilities, demand) in [
            (&[Write][..], Some(Must::Deny)),
            (&[Read, Write], Some(Must::Deny)),
            (&[Read], Some(Must::Allow)),
            (&[Read, Network], None),
            (&[Network], None),
            (&[], None),
        ] {
            assert_eq!(policy.demand(capabilities), demand, "{capabilities:?}");
        }
        assert!(Policy::default().is_empty() && !policy.is_empty());
        let message = Policy::new(&[Write, Read], &[Read]).expect_err("a contradiction");
        assert_eq!(message, "`read` is in --deny and in --allow; name it in one of them");
    }
}
