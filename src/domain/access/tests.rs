//! Who may use an application, and the laws that hold for any bindings.

use proptest::prelude::*;

use super::*;

const FRIENDS: i64 = 10;
const ENEMIES: i64 = 11;

fn user(groups: &[i64]) -> User<'_> {
    User { id: 1, active: true, groups }
}

fn on(target: Target) -> Binding {
    Binding { target, order: 0, enabled: true, negate: false }
}

fn not(target: Target) -> Binding {
    Binding { negate: true, ..on(target) }
}

/// Policy 1 passes, policy 2 does not, and every other fails.
fn ask(policy: i64) -> Option<bool> {
    [(1, true), (2, false)].iter().find(|(id, _)| *id == policy).map(|(_, passes)| *passes)
}

/// The decision where [`ask`] answers for the policies.
fn decide(user: &User<'_>, rules: &Rules) -> Decision {
    super::decide(user, rules, &mut ask)
}

fn rules(mode: EngineMode, bindings: &[Binding]) -> Rules {
    Rules { everybody: false, mode, bindings: bindings.to_vec() }
}

#[test]
fn an_application_without_a_binding_is_open_only_if_it_says_so() {
    for mode in [EngineMode::Any, EngineMode::All] {
        let closed = rules(mode, &[]);
        assert_eq!(decide(&user(&[]), &closed), Decision::Denied(Why::NoBinding));
        let open = Rules { everybody: true, ..closed };
        assert_eq!(decide(&user(&[]), &open), Decision::Allowed(Why::Everybody));
    }
}

#[test]
fn a_disabled_binding_counts_as_none() {
    let off = Binding { enabled: false, ..on(Target::Group(Some(FRIENDS))) };
    for mode in [EngineMode::Any, EngineMode::All] {
        assert_eq!(decide(&user(&[FRIENDS]), &rules(mode, &[off])), Decision::Denied(Why::NoBinding));
        let with_another = rules(mode, &[off, on(Target::User(Some(1)))]);
        assert!(decide(&user(&[]), &with_another).is_allowed());
    }
}

#[test]
fn a_disabled_user_is_denied_and_the_same_user_enabled_is_not() {
    let open = Rules { everybody: true, ..rules(EngineMode::Any, &[]) };
    assert_eq!(decide(&User { active: false, ..user(&[]) }, &open), Decision::Denied(Why::UserDisabled));
    assert!(decide(&user(&[]), &open).is_allowed());
}

#[test]
fn everybody_yields_to_an_enabled_binding() {
    let bound = Rules { everybody: true, ..rules(EngineMode::Any, &[on(Target::Group(Some(FRIENDS)))]) };
    assert_eq!(decide(&user(&[]), &bound), Decision::Denied(Why::NonePassed));
    assert_eq!(decide(&user(&[FRIENDS]), &bound), Decision::Allowed(Why::Passed(0)));
}

#[test]
fn any_needs_one_match_and_all_needs_every_one() {
    let bindings = [on(Target::Group(Some(FRIENDS))), on(Target::User(Some(1)))];
    assert!(decide(&user(&[]), &rules(EngineMode::Any, &bindings)).is_allowed());
    assert_eq!(decide(&user(&[]), &rules(EngineMode::All, &bindings)), Decision::Denied(Why::Failed(0)));
    assert_eq!(decide(&user(&[FRIENDS]), &rules(EngineMode::All, &bindings)), Decision::Allowed(Why::AllPassed));
    assert_eq!(
        decide(&User { id: 2, ..user(&[]) }, &rules(EngineMode::Any, &bindings)),
        Decision::Denied(Why::NonePassed)
    );
}

#[test]
fn a_negated_binding_keeps_out_whom_it_names() {
    let bindings = [on(Target::Group(Some(FRIENDS))), not(Target::Group(Some(ENEMIES)))];
    assert!(decide(&user(&[FRIENDS]), &rules(EngineMode::All, &bindings)).is_allowed());
    assert_eq!(
        decide(&user(&[FRIENDS, ENEMIES]), &rules(EngineMode::All, &bindings)),
        Decision::Denied(Why::Failed(1))
    );
}

#[test]
fn what_was_deleted_matches_nobody_under_negate_too() {
    for target in [Target::Group(None), Target::User(None), Target::Policy(None)] {
        for broken in [on(target), not(target)] {
            assert_eq!(decide(&user(&[]), &rules(EngineMode::Any, &[broken])), Decision::Denied(Why::NonePassed));
            assert_eq!(decide(&user(&[]), &rules(EngineMode::All, &[broken])), Decision::Denied(Why::TargetDeleted(0)));
            let with_another = rules(EngineMode::Any, &[broken, on(Target::User(Some(1)))]);
            assert!(decide(&user(&[]), &with_another).is_allowed());
        }
    }
}

#[test]
fn a_policy_that_fails_denies_under_negate_too_in_either_mode() {
    let failing = Target::Policy(Some(99));
    for broken in [on(failing), not(failing)] {
        assert_eq!(verdict(&user(&[]), &broken, &mut ask), Verdict::Failed);
        assert_eq!(decide(&user(&[]), &rules(EngineMode::Any, &[broken])), Decision::Denied(Why::NonePassed));
        assert_eq!(decide(&user(&[]), &rules(EngineMode::All, &[broken])), Decision::Denied(Why::PolicyFailed(0)));
        let with_another = [on(Target::User(Some(1))), broken];
        assert!(decide(&user(&[]), &rules(EngineMode::Any, &with_another)).is_allowed());
        assert_eq!(decide(&user(&[]), &rules(EngineMode::All, &with_another)), Decision::Denied(Why::PolicyFailed(1)));
    }
}

#[test]
fn a_policy_decides_as_it_says_and_the_other_way_round_under_negate() {
    let (passes, fails) = (Target::Policy(Some(1)), Target::Policy(Some(2)));
    for mode in [EngineMode::Any, EngineMode::All] {
        for open in [on(passes), not(fails)] {
            assert!(decide(&user(&[]), &rules(mode, &[open])).is_allowed());
        }
        for closed in [on(fails), not(passes)] {
            assert!(!decide(&user(&[]), &rules(mode, &[closed])).is_allowed());
        }
    }
}

#[test]
fn policies_are_asked_only_while_the_answer_is_open() {
    let me = on(Target::User(Some(1)));
    let policy = Binding { order: 1, ..on(Target::Policy(Some(1))) };
    let asked = |mode, first: Binding| {
        let mut asked = 0;
        super::decide(&user(&[]), &rules(mode, &[first, policy]), &mut |_| {
            asked += 1;
            Some(true)
        });
        asked
    };
    assert_eq!((asked(EngineMode::Any, me), asked(EngineMode::All, me)), (0, 1));
    assert_eq!((asked(EngineMode::Any, not(me.target)), asked(EngineMode::All, not(me.target))), (1, 0));
    let off = Rules { bindings: vec![Binding { enabled: false, ..policy }], ..rules(EngineMode::All, &[]) };
    super::decide(&user(&[]), &off, &mut |_| panic!("a disabled binding is not asked"));
}

#[test]
fn the_reason_names_the_first_binding_by_order() {
    let me = on(Target::User(Some(1)));
    let bindings = [Binding { order: 5, ..me }, Binding { order: 2, ..me }];
    assert_eq!(decide(&user(&[]), &rules(EngineMode::Any, &bindings)), Decision::Allowed(Why::Passed(1)));
}

#[test]
fn a_member_of_a_child_is_a_member_of_its_parents_and_never_the_reverse() {
    // 1 is the parent of 2, which is the parent of 3.
    let parent_of = |group| (group > 1).then(|| group - 1);
    assert_eq!(expand_groups(&[3], parent_of), [3, 2, 1]);
    assert_eq!(expand_groups(&[1], parent_of), [1]);
    assert_eq!(expand_groups(&[2, 3], parent_of), [2, 1, 3]);
}

#[test]
fn groups_that_form_a_cycle_are_expanded_once() {
    assert_eq!(expand_groups(&[1], |g| Some(3 - g)), [1, 2]);
}

fn bindings(fewest: usize) -> impl Strategy<Value = Vec<Binding>> {
    let target = prop_oneof![
        proptest::option::of(0..4_i64).prop_map(Target::Group),
        proptest::option::of(0..4_i64).prop_map(Target::User),
        proptest::option::of(0..4_i64).prop_map(Target::Policy),
    ];
    let binding = (target, -3..3_i64, any::<bool>(), any::<bool>())
        .prop_map(|(target, order, enabled, negate)| Binding { target, order, enabled, negate });
    prop::collection::vec(binding, fewest..6)
}

fn modes() -> impl Strategy<Value = EngineMode> {
    prop_oneof![Just(EngineMode::Any), Just(EngineMode::All)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_disabled_user_is_never_allowed(everybody: bool, mode in modes(), bindings in bindings(0), id in 0..4_i64) {
        let user = User { id, active: false, groups: &[0, 1, 2, 3] };
        let rules = Rules { everybody, mode, bindings };
        prop_assert!(!decide(&user, &rules).is_allowed());
    }

    #[test]
    fn in_any_mode_a_matching_binding_opens_whatever_else_is_bound(bindings in bindings(0), at in any::<prop::sample::Index>()) {
        let mut more = rules(EngineMode::Any, &bindings);
        more.bindings.insert(at.index(bindings.len() + 1), on(Target::User(Some(1))));
        prop_assert!(decide(&user(&[]), &more).is_allowed());
    }

    #[test]
    fn in_all_mode_another_binding_never_opens(bindings in bindings(0), another in bindings(0), id in 0..4_i64) {
        let user = User { id, ..user(&[0, 2]) };
        let before = decide(&user, &rules(EngineMode::All, &bindings));
        let after = decide(&user, &rules(EngineMode::All, &[&bindings[..], &another[..]].concat()));
        let had_none = before == Decision::Denied(Why::NoBinding);
        prop_assert!(before.is_allowed() || had_none || !after.is_allowed());
    }

    #[test]
    fn deleting_what_a_binding_names_never_opens(
        everybody: bool, mode in modes(), bindings in bindings(1), at in any::<prop::sample::Index>(), id in 0..4_i64,
    ) {
        let user = User { id, ..user(&[0, 2]) };
        let before = Rules { everybody, mode, bindings };
        let mut after = before.clone();
        let binding = &mut after.bindings[at.index(before.bindings.len())];
        binding.target = match binding.target {
            Target::Group(_) => Target::Group(None),
            Target::User(_) => Target::User(None),
            Target::Policy(_) => Target::Policy(None),
        };
        prop_assert!(decide(&user, &before).is_allowed() || !decide(&user, &after).is_allowed());
    }

    #[test]
    fn a_policy_that_begins_to_fail_never_opens(
        everybody: bool, mode in modes(), bindings in bindings(1), id in 0..4_i64, passing: bool,
    ) {
        let user = User { id, ..user(&[0, 2]) };
        let rules = Rules { everybody, mode, bindings };
        let before = super::decide(&user, &rules, &mut |_| Some(passing));
        let after = super::decide(&user, &rules, &mut |_| None);
        prop_assert!(before.is_allowed() || !after.is_allowed());
    }

    #[test]
    fn order_explains_and_never_decides(mode in modes(), bindings in bindings(0), id in 0..4_i64) {
        let user = User { id, ..user(&[0, 2]) };
        let mut reversed = bindings.clone();
        reversed.reverse();
        prop_assert_eq!(
            decide(&user, &rules(mode, &bindings)).is_allowed(),
            decide(&user, &rules(mode, &reversed)).is_allowed()
        );
    }

    #[test]
    fn expanding_ends_keeps_the_direct_groups_and_follows_parents(
        direct in prop::collection::vec(0..8_i64, 0..5),
        parents in prop::collection::vec(proptest::option::of(0..8_i64), 8),
    ) {
        let parent_of = |group: i64| parents[usize::try_from(group).unwrap()];
        let all = expand_groups(&direct, parent_of);
        prop_assert!(direct.iter().all(|g| all.contains(g)));
        for (i, group) in all.iter().enumerate() {
            prop_assert!(!all[..i].contains(group));
            prop_assert!(parent_of(*group).is_none_or(|p| all.contains(&p)));
            prop_assert!(direct.contains(group) || all.iter().any(|child| parent_of(*child) == Some(*group)));
        }
    }
}
